/** What GraphiQL opens with. */
export const exampleQuery = `# Paste this into "Headers" below, with your API key:
#   { "authorization": "Bearer slip_..." }
# Then press the button. The book on the left describes
# every type, field and argument.

query Overview {
  viewer {
    email
  }
  apps(first: 10) {
    totalCount
    nodes {
      name
      url
      currentRelease {
        version
        description
        createdAt
      }
      processes {
        type
        quantity
        replicas {
          name
          status
        }
      }
    }
  }
}
`;

/** What GraphiQL opens with. */
export const exampleQuery = `# This is Slipway's API. Everything has a description: open the book on the left.
#
# Say who you are in "Headers" below, with your API key:
#   { "authorization": "Bearer slip_..." }
# Then press the button.

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

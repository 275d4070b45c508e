const color = (code: string): string => `(?:${String.fromCharCode(27)}\\[${code}m)?`;
const prefix = new RegExp(`^${color('\\d+')}(INFO|WARN|ERRO|FATA|DEBU)${color('0')}\\[\\d+\\] ?(.*)$`);

/** What Kaniko says about itself, and nobody asked. */
const chatter = /^(Checking for cached layer|No cached layer found|Using files from context|Taking snapshot of|No files changed in this command|Resolving srcs|Adding whiteout|Initializing snapshotter|Executing 0 build triggers|Building stage|Retrieving image manifest|Returning cached image manifest|Built cross stage deps|Skipping unpacking|Skipping paths under|Taking snapshot|Args: \[|Cmd: |Running: \[|Pushing layer|Found cached layer|Using caching version of cmd|Deleting filesystem|Whiteout|Creating directory|Changed working directory|Unpacking local tar archive|ADD app\.tar |LABEL "slipway\.dev|Retrying|Storing source image|Saving file|Base from previous stage|Using default|No base image|Applying label slipway\.dev\/|Unpacking rootfs as cmd ADD app\.tar |(Pushing image to|Pushed) 127\.0\.0\.1:)/;

/** A line of Kaniko's output for people; null: nothing that they would miss. What a Dockerfile's steps print is left as it is. */
export function readableKanikoLine(line: string): string | null {
  const [, level, text] = prefix.exec(line) ?? [];
  if (text === undefined) return line;
  if (level === 'DEBU' || (level === 'INFO' && chatter.test(text))) return null;
  if (level === 'INFO') return `       ${text}`;
  return ` !     ${text}`;
}

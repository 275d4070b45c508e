// The release command: runs once for each release, before it gets traffic. What it refuses is not released.
console.log('migrating the guestbook');
if (process.env.TITLE === '') { console.error('TITLE is empty: refusing to release'); process.exit(1); }
console.log('nothing to migrate');

// The worker process: does something now and then, and says so.
console.log('worker ready');
const timer = setInterval(() => { console.log(`sweeping the guestbook (${process.env.SLIPWAY_REPLICA})`); }, 5_000);
process.on('SIGTERM', () => { clearInterval(timer); console.log('worker done'); });

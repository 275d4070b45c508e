import { useEffect, useState } from 'react';
import { createRoot } from 'react-dom/client';

function Guestbook() {
  const [book, setBook] = useState({ title: '…', entries: [] });
  useEffect(() => {
    fetch('/api/entries').then((response) => response.json()).then(setBook);
    const socket = new WebSocket(`${location.origin.replace('http', 'ws')}/live`);
    socket.onmessage = ({ data }) => setBook((old) => ({ ...old, entries: [JSON.parse(data), ...old.entries] }));
    return () => socket.close();
  }, []);
  const sign = (event) => {
    event.preventDefault();
    const form = new FormData(event.target);
    fetch('/api/entries', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(Object.fromEntries(form)) });
    event.target.reset();
  };
  return (
    <main style={{ font: '16px/1.6 system-ui', maxWidth: '36rem', margin: '3rem auto', padding: '0 1rem' }}>
      <h1>{book.title}</h1>
      <form onSubmit={sign}><input name="name" placeholder="Your name" required /> <input name="text" placeholder="What you say" required /> <button>Sign</button></form>
      <ul>{book.entries.map((entry) => <li key={entry.at}><b>{entry.name}</b>: {entry.text}</li>)}</ul>
    </main>
  );
}

createRoot(document.getElementById('root')).render(<Guestbook />);

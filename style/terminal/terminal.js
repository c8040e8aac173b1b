// The terminal's page (SC-19): asks for consent, connects, and counts down the time without activity.
import { FitAddon } from '@xterm/addon-fit';
import { Terminal } from '@xterm/xterm';
import '@xterm/xterm/css/xterm.css';
import './terminal.css';

// The bytes that begin a message: input, output, error output, another size.
const STDIN = 0;
const STDOUT = 1;
const STDERR = 2;
const RESIZE = 4;

const page = document.getElementById('page');
const notice = document.getElementById('notice');
const screen = document.getElementById('terminal');
const status = document.getElementById('status');
const elapsed = document.getElementById('elapsed');
const idle = document.getElementById('idle');
const disconnect = document.getElementById('disconnect');
const again = document.getElementById('again');
const idleSeconds = Number(page.dataset.idle);

// What the terminal says to screen readers by itself.
Terminal.strings.promptLabel = page.dataset.input;
Terminal.strings.tooMuchOutput = page.dataset.tooMuch;

const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`;

function connect() {
  const readable = document.getElementById('readable').checked;
  notice.hidden = true;
  screen.hidden = false;
  disconnect.disabled = false;
  const terminal = new Terminal({ cursorBlink: true, fontFamily: '"JetBrains Mono", monospace', fontSize: 13, scrollback: 10000, screenReaderMode: readable });
  const fit = new FitAddon();
  terminal.loadAddon(fit);
  terminal.open(screen);
  fit.fit();
  const url = new URL(page.dataset.socket, location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  url.searchParams.set('cols', terminal.cols);
  url.searchParams.set('rows', terminal.rows);
  const socket = new WebSocket(url);
  socket.binaryType = 'arraybuffer';
  const began = Date.now();
  let active = began;
  const send = (channel, bytes) => {
    if (socket.readyState !== WebSocket.OPEN) return;
    const message = new Uint8Array(bytes.length + 1);
    message[0] = channel;
    message.set(bytes, 1);
    socket.send(message);
  };
  const encoder = new TextEncoder();
  socket.onopen = () => {
    status.textContent = page.dataset.connected;
    terminal.focus();
  };
  socket.onmessage = ({ data }) => {
    const message = new Uint8Array(data);
    active = Date.now();
    if (message[0] === STDOUT || message[0] === STDERR) terminal.write(message.subarray(1));
  };
  terminal.onData((text) => {
    active = Date.now();
    send(STDIN, encoder.encode(text));
  });
  terminal.onBinary((text) => send(STDIN, Uint8Array.from(text, (character) => character.charCodeAt(0))));
  terminal.onResize(({ cols, rows }) => send(RESIZE, encoder.encode(JSON.stringify({ cols, rows }))));
  // Everything else belongs to the program in front: this one leads out.
  terminal.attachCustomKeyEventHandler((event) => {
    const leaves = event.ctrlKey && event.altKey && event.code === 'KeyQ';
    if (leaves && event.type === 'keydown') disconnect.focus();
    return !leaves;
  });
  const sized = new ResizeObserver(() => fit.fit());
  sized.observe(screen);
  const ticks = setInterval(() => {
    elapsed.textContent = clock((Date.now() - began) / 1000);
    idle.textContent = clock(Math.max(0, idleSeconds - (Date.now() - active) / 1000));
  }, 500);
  disconnect.onclick = () => socket.close(1000);
  socket.onclose = ({ code, reason }) => {
    clearInterval(ticks);
    sized.disconnect();
    const wasIdle = (Date.now() - active) / 1000 > idleSeconds - 5;
    const { leftIdle, disconnected, lost } = page.dataset;
    status.textContent = wasIdle && reason ? leftIdle : reason || (code === 1000 ? disconnected : lost);
    terminal.options.disableStdin = true;
    terminal.options.cursorBlink = false;
    disconnect.disabled = true;
    again.hidden = false;
    again.focus();
  };
}

// A released instance has no notice, and nothing to connect to.
notice?.addEventListener('submit', (event) => {
  event.preventDefault();
  connect();
});

'use strict';

// Runs inside each Node.js instance: talks to the server over the control socket and calls the user's handler.
// The messages are defined in `protocol.rs`.

const fs = require('fs');
const path = require('path');

// Kept, because the user's code may put others in their place.
const { readSync, writeSync } = fs;
const [later, nextTick] = [setImmediate, process.nextTick];
const descriptor = Number(process.env.TASKYARD_CHANNEL);
delete process.env.TASKYARD_CHANNEL;

let init = null;
let isLoaded = false;
let handler = null;
let initializer = null;
const hooks = {};
// The request that runs, where it is one at a time.
let current = null;
// Those that run by their id, and which of them code runs for, where they may be several.
const running = new Map();
let storage = null;

// The control socket as a stream. What that needs takes milliseconds to load: a start and a first answer do without (`readNow`, `writeNow`).
let socket = null;

function connect() {
  const { Socket } = require('net');
  socket = new Socket({ fd: descriptor, readable: true, writable: true });
  socket.on('data', arrive);
  socket.on('error', () => process.exit(0));
  socket.on('close', () => process.exit(0)); // the server is gone
}

// False when the socket wants no more for now.
function send(header, payload) {
  const text = Buffer.from(JSON.stringify(header));
  const body = payload || Buffer.alloc(0);
  const lengths = Buffer.allocUnsafe(8);
  lengths.writeUInt32BE(text.length, 0);
  lengths.writeUInt32BE(body.length, 4);
  const write = socket ? (bytes) => socket.write(bytes) : writeNow;
  if (body.length < 65536) return write(Buffer.concat([lengths, text, body]));
  write(Buffer.concat([lengths, text]));
  return write(body);
}

function writeNow(bytes) {
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at, bytes.length - at);
  } catch (error) {
    process.exit(0); // the server is gone
  }
  return true;
}

// Takes what comes next; false when nothing has come for as long as the server lets a read wait.
function readNow() {
  const chunk = Buffer.allocUnsafe(65536);
  let count = 0;
  try {
    count = readSync(descriptor, chunk, 0, chunk.length, null);
  } catch (error) {
    if (error.code === 'EAGAIN') return false;
  }
  if (count === 0) process.exit(0); // the server is gone
  arrive(chunk.slice(0, count));
  return true;
}

// The same about a request, which is named where there may be several.
function sendFor(request, header, payload) {
  if (init.concurrency > 1) header.request_id = request.id;
  return send(header, payload);
}

// What has arrived and does not make a whole frame yet; `needed` saves joining the pieces of a large payload again and again.
let pieces = [];
let arrived = 0;
let needed = 8;

function arrive(chunk) {
  pieces.push(chunk);
  arrived += chunk.length;
  while (arrived >= needed) {
    const all = pieces.length === 1 ? pieces[0] : Buffer.concat(pieces, arrived);
    pieces = [all];
    if (all.length < 8) return;
    const headerEnd = 8 + all.readUInt32BE(0);
    const end = headerEnd + all.readUInt32BE(4);
    if (all.length < end) {
      needed = end;
      return;
    }
    const rest = all.subarray(end);
    pieces = rest.length ? [rest] : [];
    arrived = rest.length;
    needed = 8;
    receive(JSON.parse(all.toString('utf8', 8, headerEnd)), all.subarray(headerEnd, end));
  }
}

function receive(message, payload) {
  switch (message.type) {
    case 'init':
      init = message;
      start();
      break;
    case 'initialize':
      run(message, initializer, []);
      break;
    case 'invoke':
      if (message.http) http().run(message, Buffer.from(payload));
      else run(message, handler, [Buffer.from(payload)]);
      break;
    case 'hook':
      runHook(message);
      break;
    case 'cancel':
      cancel(message);
      break;
    default:
  }
}

// What HTTP functions need, which lies beside this file; others don't wait for it.
let httpModule = null;

function http() {
  const drained = (done) => socket.once('drain', done);
  httpModule = httpModule || require('./taskyard_http.js')({ begin, drained, encode, finish, makeContext, sendFor, within, handler });
  return httpModule;
}

// Paths as the platform shows them: the code lies in /code.
function shown(text) {
  return String(text).split(init.code_dir).join('/code');
}

function isError(value) {
  return value instanceof Error || Object.prototype.toString.call(value) === '[object Error]';
}

function errorBody(error) {
  if (!isError(error)) {
    let text = typeof error === 'string' ? error : undefined;
    try {
      text = text === undefined ? JSON.stringify(error) : text;
    } catch (e) {
      // circular: its plain text has to do
    }
    return json({ errorMessage: text === undefined ? String(error) : text });
  }
  const stack = shown(error.stack || '').split('\n').filter((line) => /^\s+at /.test(line) && !line.includes(__filename));
  return json({ errorMessage: shown(error.message), errorType: error.name, stackTrace: stack.map((line) => line.trim()) });
}

function json(value) {
  return Buffer.from(JSON.stringify(value));
}

function plainError(errorMessage, errorType) {
  return json({ errorMessage, errorType, stackTrace: [] });
}

function Missing(body) {
  this.body = body;
}

async function load(name) {
  const dot = name.lastIndexOf('.');
  const file = name.slice(0, dot);
  const symbol = name.slice(dot + 1);
  if (dot <= 0 || !symbol) {
    throw new Missing(plainError(`Handler '${name}' is invalid: it must look like index.handler`, 'HandlerNotFound'));
  }
  const base = path.resolve(init.code_dir, file);
  const extension = ['.js', '.cjs', '.mjs'].find((end) => fs.existsSync(base + end));
  if (!extension) {
    throw new Missing(plainError(`Cannot find module '${shown(base)}.js'`, 'ImportModuleError'));
  }
  const module = await loadModule(base + extension);
  const found = module[symbol] || (module.default && module.default[symbol]);
  if (typeof found !== 'function') {
    throw new Missing(plainError(`Handler '${symbol}' missing on module '${file}'`, 'HandlerNotFound'));
  }
  return found;
}

async function loadModule(file) {
  const url = () => require('url').pathToFileURL(file).href;
  if (file.endsWith('.mjs')) return import(url());
  try {
    return require(file);
  } catch (error) {
    if (error && error.code === 'ERR_REQUIRE_ESM') {
      return import(url());
    }
    throw error;
  }
}

async function start() {
  current = { id: init.request_id, starting: true };
  if (init.concurrency > 1) tellApart();
  try {
    handler = await load(init.handler);
    initializer = init.initializer ? await load(init.initializer) : null;
    for (const name of ['pre_freeze', 'pre_stop']) {
      if (init[name]) hooks[name] = await load(init[name]);
    }
  } catch (error) {
    return startFailed(error);
  }
  current = null;
  isLoaded = true;
  send({ type: 'ready', cancellable: true });
}

function startFailed(error) {
  if (error instanceof Missing) {
    send({ type: 'failed' }, error.body);
  } else {
    print(process.stderr, `${shown((error && error.stack) || error)}\n`, () => send({ type: 'failed' }, errorBody(error)));
  }
}

// Whether stdout and stderr are streams yet: making them takes a millisecond, and most code never asks for both.
const isMade = [false, false];
const STREAMS = ['stdout', 'stderr'];
STREAMS.forEach((name, index) => {
  const own = Object.getOwnPropertyDescriptor(process, name);
  const get = () => {
    isMade[index] = true;
    Object.defineProperty(process, name, own);
    return process[name];
  };
  Object.defineProperty(process, name, { configurable: true, enumerable: own.enumerable, get });
});

// Writes a whole line of ours to stdout (0) or stderr (1), behind everything that the user's code has written there.
function mark(index, line, done) {
  if (!isMade[index]) {
    try {
      writeSync(index + 1, line);
      nextTick(done);
      return;
    } catch (error) {
      // closed by the user's code, or full and shared with a process that does not wait: the stream copes with both
    }
  }
  print(process[STREAMS[index]], line, done);
}

// Writes to a stream whatever the user's code has put in the place of its write method.
function print(stream, text, done) {
  if (!stream.taskyardErrorsHeard) {
    stream.taskyardErrorsHeard = true;
    stream.on('error', () => {}); // closed by the user's code: no reason to end the process
  }
  try {
    require('stream').Writable.prototype.write.call(stream, text, () => done && done());
  } catch (error) {
    if (done) done();
  }
}

// What requests write at the same time gets their numbers in front of its lines.
function tellApart() {
  const { AsyncLocalStorage } = require('async_hooks');
  if (!AsyncLocalStorage) return; // before 12.17: nobody can tell
  storage = new AsyncLocalStorage();
  STREAMS.forEach((name, index) => {
    process[name].write = function write(chunk, encoding, callback) {
      const request = storage.getStore();
      if (!request || request.done || request.seq === undefined) {
        return require('stream').Writable.prototype.write.call(this, chunk, encoding, callback);
      }
      writeFor(request, index, chunk, typeof encoding === 'function' ? encoding : callback);
      return true;
    };
  });
}

// Characters of an unfinished line that are kept back.
const UNFINISHED_MAX = 65536;

// Writes to stdout (0) or stderr (1) for a request.
function writeFor(request, index, chunk, done) {
  const stream = process[STREAMS[index]];
  let text = typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
  if (!storage || request.seq === undefined) {
    print(stream, text, done);
    return;
  }
  text = request.unfinished[index] + text;
  const end = text.length > UNFINISHED_MAX ? text.length : text.lastIndexOf('\n') + 1;
  request.unfinished[index] = text.slice(end);
  const lines = text.slice(0, end).replace(/\n$/, '').split('\n');
  if (end > 0) print(stream, lines.map((line) => `\x1f${init.marker}${digits(request.seq)}${line}\n`).join(''), done);
  else if (done) nextTick(done);
}

function digits(seq) {
  return seq.toString(16).padStart(8, '0');
}

function logLine(request, level, args) {
  writeFor(request, 0, `${new Date().toISOString()} ${request.id} [${level}] ${require('util').format(...args)}\n`);
}

function makeContext(request, message) {
  const given = init.context;
  const context = {
    requestId: request.id,
    credentials: {
      accessKeyId: given.credentials.access_key_id,
      accessKeySecret: given.credentials.access_key_secret,
      securityToken: given.credentials.security_token,
    },
    function: {
      name: given.function.name,
      handler: given.function.handler,
      memory: given.function.memory,
      timeout: given.function.timeout,
      initializer: given.function.initializer,
      initializationTimeout: given.function.initialization_timeout,
    },
    service: {
      name: given.service.name,
      logProject: given.service.log_project,
      logStore: given.service.log_store,
      qualifier: given.service.qualifier,
      versionId: given.service.version_id,
    },
    tracing: {
      spanContext: given.tracing.span_context,
      jaegerEndpoint: given.tracing.jaeger_endpoint,
      spanBaggages: given.tracing.span_baggages,
    },
    region: given.region,
    accountId: given.account_id,
    retryCount: message.retry_count || 0,
    logger: {},
  };
  for (const [name, level] of [['debug', 'DEBUG'], ['info', 'INFO'], ['log', 'INFO'], ['warn', 'WARN'], ['error', 'ERROR']]) {
    context.logger[name] = (...args) => logLine(request, level, args);
  }
  Object.defineProperty(context, 'signal', {
    enumerable: false,
    get: () => {
      request.abort = request.abort || new AbortController();
      return request.abort.signal;
    },
  });
  return context;
}

function newRequest(message) {
  return { id: message.request_id, seq: message.seq, done: false, cancelled: false, abort: null, unfinished: ['', ''] };
}

// A request that runs from now on.
function begin(message) {
  const request = newRequest(message);
  if (init.concurrency > 1) running.set(request.id, request);
  else current = request;
  return request;
}

// Runs code for a request.
function within(request, code) {
  return storage ? storage.run(request, code) : code();
}

// Runs a hook, also while the handler runs.
function runHook(message) {
  let done = false;
  const end = (error) => {
    if (done) return;
    done = true;
    const failed = error !== undefined && error !== null;
    const answer = () => send({ type: 'hooked', ok: !failed }, failed ? errorBody(error) : undefined);
    if (failed) print(process.stderr, `${shown((isError(error) && error.stack) || String(error))}\n`, answer);
    else answer();
  };
  const hook = hooks[message.hook];
  if (!hook) {
    end();
    return;
  }
  try {
    const returned = hook(makeContext(newRequest(message), message), end);
    if (returned && typeof returned.then === 'function') returned.then(() => end(), end);
    else if (hook.length < 2) end();
  } catch (error) {
    end(error);
  }
}

function run(message, userFunction, args) {
  const request = begin(message);
  const succeed = (data) => {
    let body;
    try {
      body = encode(data);
    } catch (error) {
      finish(request, 'unhandled', error);
      return;
    }
    finish(request, 'ok', null, body);
  };
  const callback = (error, data) => {
    if (error === undefined || error === null) succeed(data);
    else finish(request, 'handled', error);
  };
  let returned;
  try {
    returned = within(request, () => userFunction(...args, makeContext(request, message), callback));
  } catch (error) {
    finish(request, 'unhandled', error);
    return;
  }
  if (returned && typeof returned.then === 'function') {
    returned.then(succeed, (error) => finish(request, 'unhandled', error));
  } else if (message.type === 'initialize' && userFunction.length < 2) {
    succeed();
  }
}

function encode(data) {
  if (Buffer.isBuffer(data)) return data;
  if (data instanceof Uint8Array) return Buffer.from(data);
  if (typeof data === 'string') return Buffer.from(data);
  const text = JSON.stringify(data);
  return text === undefined ? Buffer.alloc(0) : Buffer.from(text);
}

function finish(request, status, error, body, fatal, http) {
  if (request.done) return;
  request.done = true;
  if (status === 'unhandled') {
    writeFor(request, 1, `${shown((isError(error) && error.stack) || `Unhandled: ${String(error)}`)}\n`);
  }
  const answer = () => {
    current = null;
    running.delete(request.id);
    const header = { type: 'result', status, fatal: Boolean(fatal), cancelled: request.cancelled };
    if (http) header.http = http;
    sendFor(request, header, status === 'ok' ? body : errorBody(error));
  };
  if (request.seq === undefined) {
    answer();
    return;
  }
  // Tells the reader of each stream that everything the request wrote came before.
  if (storage) request.unfinished.forEach((text, index) => text && writeFor(request, index, '\n'));
  const line = `\x1e${init.marker}${digits(request.seq)}\n`;
  let open = 2;
  const marked = () => {
    open -= 1;
    if (open === 0) answer();
  };
  mark(0, line, marked);
  mark(1, line, marked);
}

function cancel(message) {
  const request = running.get(message.request_id) || current;
  if (!request || request.done || request.id !== message.request_id) return;
  request.cancelled = true;
  sendFor(request, { type: 'cancelling', observed: Boolean(request.abort) });
  if (request.abort) request.abort.abort();
}

// An error outside every promise and callback leaves the process in an unknown state: the server ends it after this answer.
function onStray(error) {
  const only = running.size === 1 ? running.values().next().value : null;
  const request = (storage && storage.getStore()) || only || current;
  if (current && current.starting) {
    startFailed(error);
  } else if (request && !request.done) {
    finish(request, 'unhandled', error, null, true);
  } else {
    print(process.stderr, `${(isError(error) && error.stack) || String(error)}\n`, () => process.exit(1));
  }
}

process.on('uncaughtException', onStray);
process.on('unhandledRejection', onStray);
send({ type: 'hello' });
later(() => {
  // The request that the instance was started for follows at once. What takes longer to load is waited for with an open ear.
  if (isLoaded) while (readNow() && arrived > 0);
  later(connect);
});
while (init === null) readNow();

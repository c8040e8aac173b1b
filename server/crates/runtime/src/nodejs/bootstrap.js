'use strict';

// Runs inside each Node.js instance: talks to the server over the control socket and calls the user's handler.
// The messages are defined in `protocol.rs`.

const fs = require('fs');
const net = require('net');
const path = require('path');
const { Readable, Writable } = require('stream');

const descriptor = Number(process.env.TASKYARD_CHANNEL);
delete process.env.TASKYARD_CHANNEL;

let init = null;
let handler = null;
let initializer = null;
const hooks = {};
let current = null;

const socket = new net.Socket({ fd: descriptor, readable: true, writable: true });

function send(header, payload) {
  const text = Buffer.from(JSON.stringify(header));
  const body = payload || Buffer.alloc(0);
  const lengths = Buffer.allocUnsafe(8);
  lengths.writeUInt32BE(text.length, 0);
  lengths.writeUInt32BE(body.length, 4);
  if (body.length < 65536) {
    socket.write(Buffer.concat([lengths, text, body]));
  } else {
    socket.write(Buffer.concat([lengths, text]));
    socket.write(body);
  }
}

// What has arrived and does not make a whole frame yet; `needed` saves joining the pieces of a large payload again and again.
let pieces = [];
let arrived = 0;
let needed = 8;

socket.on('data', (chunk) => {
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
});
socket.on('error', () => process.exit(0));
socket.on('close', () => process.exit(0)); // the server is gone

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
      if (message.http) runHttp(message, Buffer.from(payload));
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
  if (file.endsWith('.mjs')) {
    return import(url());
  }
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
  try {
    handler = await load(init.handler);
    initializer = init.initializer ? await load(init.initializer) : null;
    for (const name of ['pre_freeze', 'pre_stop']) {
      if (init[name]) hooks[name] = await load(init[name]);
    }
  } catch (error) {
    startFailed(error);
    return;
  }
  current = null;
  send({ type: 'ready', cancellable: true });
}

function startFailed(error) {
  if (error instanceof Missing) {
    send({ type: 'failed' }, error.body);
  } else {
    print(process.stderr, `${shown((error && error.stack) || error)}\n`, () => send({ type: 'failed' }, errorBody(error)));
  }
}

// Writes to a stream whatever the user's code has put in the place of its write method.
function print(stream, text, done) {
  if (!stream.taskyardErrorsHeard) {
    stream.taskyardErrorsHeard = true;
    stream.on('error', () => {}); // closed by the user's code: no reason to end the process
  }
  try {
    Writable.prototype.write.call(stream, text, () => done && done());
  } catch (error) {
    if (done) done();
  }
}

function logLine(request, level, args) {
  print(process.stdout, `${new Date().toISOString()} ${request.id} [${level}] ${require('util').format(...args)}\n`);
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
  return { id: message.request_id, seq: message.seq, done: false, cancelled: false, abort: null };
}

// The request of an HTTP function: a stream of its body that also has the body as a whole.
function httpRequest(head, body) {
  const request = new Readable({
    read() {
      if (body.length) this.push(body);
      this.push(null);
    },
  });
  const headers = {};
  for (const [name, value] of head.headers) {
    headers[name] = name in headers ? `${headers[name]}${name === 'cookie' ? '; ' : ', '}${value}` : value;
  }
  let path = head.path;
  try {
    path = decodeURIComponent(head.path);
  } catch (error) {
    // not UTF-8: as it came
  }
  const url = head.base_path + head.path + (head.query ? `?${head.query}` : '');
  const queries = Object.assign({}, require('querystring').parse(head.query));
  return Object.assign(request, { headers, path, queries, method: head.method, clientIP: head.client_ip, url, body });
}

// The answer of an HTTP function; `done` gets it when it is sent.
function httpResponse(done) {
  const head = { status: 200, headers: [] };
  const without = (name) => head.headers.filter(([given]) => given.toLowerCase() !== String(name).toLowerCase());
  return {
    setStatusCode(status) {
      head.status = Number(status);
    },
    setHeader(name, value) {
      const values = Array.isArray(value) ? value : [value];
      head.headers = without(name).concat(values.map((one) => [String(name), String(one)]));
    },
    deleteHeader(name) {
      head.headers = without(name);
    },
    send(body) {
      if (body && typeof body.pipe === 'function') {
        const chunks = [];
        body.on('data', (chunk) => chunks.push(Buffer.from(chunk)));
        body.on('end', () => done(null, head, Buffer.concat(chunks)));
        body.on('error', (error) => done(error));
      } else {
        done(null, head, body === undefined || body === null ? Buffer.alloc(0) : encode(body));
      }
    },
  };
}

function runHttp(message, payload) {
  const request = newRequest(message);
  current = request;
  const fail = (error) => finish(request, 'unhandled', error);
  const response = httpResponse((error, head, body) => {
    if (error) fail(error);
    else finish(request, 'ok', null, body, false, head);
  });
  try {
    const returned = handler(httpRequest(message.http, payload), response, makeContext(request, message));
    if (returned && typeof returned.then === 'function') returned.then(() => {}, fail);
  } catch (error) {
    fail(error);
  }
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
  const request = newRequest(message);
  current = request;
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
    returned = userFunction(...args, makeContext(request, message), callback);
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
    print(process.stderr, `${shown((isError(error) && error.stack) || `Unhandled: ${String(error)}`)}\n`);
  }
  const answer = () => {
    current = null;
    const header = { type: 'result', status, fatal: Boolean(fatal), cancelled: request.cancelled };
    if (http) header.http = http;
    send(header, status === 'ok' ? body : errorBody(error));
  };
  if (request.seq === undefined) {
    answer();
    return;
  }
  // Tells the reader of each stream that everything the request wrote came before.
  const line = `\x1e${init.marker}${request.seq.toString(16).padStart(8, '0')}\n`;
  let open = 2;
  const marked = () => {
    open -= 1;
    if (open === 0) answer();
  };
  print(process.stdout, line, marked);
  print(process.stderr, line, marked);
}

function cancel(message) {
  const request = current;
  if (!request || request.done || request.id !== message.request_id) return;
  request.cancelled = true;
  send({ type: 'cancelling', observed: Boolean(request.abort) });
  if (request.abort) request.abort.abort();
}

// An error outside every promise and callback leaves the process in an unknown state: the server ends it after this answer.
function onStray(error) {
  if (current && current.starting) {
    startFailed(error);
  } else if (current && !current.done) {
    finish(current, 'unhandled', error, null, true);
  } else {
    print(process.stderr, `${(isError(error) && error.stack) || String(error)}\n`, () => process.exit(1));
  }
}

send({ type: 'hello' });
process.on('uncaughtException', onStray);
process.on('unhandledRejection', onStray);

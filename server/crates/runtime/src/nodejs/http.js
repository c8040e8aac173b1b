'use strict';

// What Node.js instances of HTTP functions need.

const { Readable } = require('stream');

module.exports = ({ begin, drained, encode, finish, makeContext, sendFor, within, handler }) => {
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

  // Sends a stream as the body of an answer, as it comes.
  function sendStream(request, head, body, done) {
    sendFor(request, { type: 'head', http: head });
    body.on('data', (chunk) => {
      if (request.done || sendFor(request, { type: 'chunk' }, Buffer.from(chunk))) return;
      body.pause();
      drained(() => body.resume());
    });
    body.on('end', () => done(null, null, Buffer.alloc(0)));
    body.on('error', (error) => done(error));
  }

  // The answer of an HTTP function; `done` gets it when it is sent.
  function httpResponse(request, done) {
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
        if (request.streams) return;
        if (body && typeof body.pipe === 'function') {
          request.streams = true;
          sendStream(request, head, body, done);
        } else {
          done(null, head, body === undefined || body === null ? Buffer.alloc(0) : encode(body));
        }
      },
    };
  }

  function run(message, payload) {
    const request = begin(message);
    const fail = (error) => finish(request, 'unhandled', error);
    const response = httpResponse(request, (error, head, body) => {
      if (error) fail(error);
      else finish(request, 'ok', null, body, false, head);
    });
    try {
      const returned = within(request, () => handler(httpRequest(message.http, payload), response, makeContext(request, message)));
      if (returned && typeof returned.then === 'function') returned.then(() => {}, fail);
    } catch (error) {
      fail(error);
    }
  }

  return { run };
};

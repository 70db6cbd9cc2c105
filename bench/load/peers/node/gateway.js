// Gateway: @fastify/http-proxy for each API, behind a key check and rate-limiter-flexible.
//
// Does: fastify's router over the APIs, the key in a Map, a window per subscription that begins with its first request,
// in memory, and pino's buffered lines. One process; undici keeps connections to the origin.
// Does not: share counters between processes, nor apply keys that change.
// Usage: node gateway.js SETTINGS.json   {port, origin, mode, grants, limit, log}
'use strict'

const fs = require('node:fs')
const { randomUUID } = require('node:crypto')
const fastify = require('fastify')
const httpProxy = require('@fastify/http-proxy')
const pino = require('pino')
const { RateLimiterMemory } = require('rate-limiter-flexible')
const { Agent } = require('undici')

const BODY_BYTES_MAX = 16 * 1024 * 1024
const settings = JSON.parse(fs.readFileSync(process.argv[2], 'utf8'))
const limited = settings.mode === 'limits' || settings.mode === 'log'
const limiter = limited && new RateLimiterMemory({ points: settings.limit, duration: 60 })

// key -> {subscription, api}
function readGrants (path) {
  const lines = fs.readFileSync(path, 'utf8').trimEnd().split('\n')
  return new Map(lines.map(line => line.split(' ')).map(([key, subscription, api]) => [key, { subscription, api }]))
}

// A handler that lets requests with a key of `api` pass.
function guard (grants, api) {
  return async function check (request, reply) {
    const grant = grants.get(request.headers.apikey)
    if (!grant) return reply.code(401).send()
    request.subscription = grant.subscription
    if (grant.api !== api) return reply.code(403).send()
    if (!limiter) return
    try {
      await limiter.consume(grant.subscription)
    } catch (refusal) {
      if (refusal instanceof Error) throw refusal
      return reply.code(429).send()
    }
  }
}

// `headers` is the proxy's own copy.
function rewriteRequestHeaders (request, headers) {
  const before = headers['x-forwarded-for']
  delete headers.apikey
  headers['x-forwarded-for'] = before ? `${before}, ${request.ip}` : request.ip
  headers['x-request-id'] = request.id
  return headers
}

function addLog (server) {
  const destination = pino.destination({ dest: settings.log, sync: false, minLength: 4096, periodicFlush: 1000 })
  const log = pino({ base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination)
  server.addHook('onResponse', (request, reply, done) => {
    log.info({
      client: request.ip,
      method: request.method,
      path: request.url,
      status: reply.statusCode,
      subscription: request.subscription,
      ms: reply.elapsedTime
    })
    done()
  })
}

const server = fastify({ logger: false, bodyLimit: BODY_BYTES_MAX, genReqId: () => randomUUID(), requestIdHeader: false })
const proxy = { upstream: settings.origin, undici: new Agent({ keepAliveTimeout: 60000 }), disableRequestLogging: true }

if (settings.mode === 'plain') {
  server.register(httpProxy, proxy)
} else {
  const grants = readGrants(settings.grants)
  server.decorateRequest('subscription', '-')
  for (const api of new Set([...grants.values()].map(grant => grant.api))) {
    server.register(httpProxy, {
      ...proxy,
      prefix: api,
      rewritePrefix: api,
      preHandler: guard(grants, api),
      replyOptions: { rewriteRequestHeaders }
    })
  }
}
if (settings.mode === 'log') addLog(server)
server.listen({ host: '127.0.0.1', port: settings.port, backlog: 4096 })
process.once('SIGTERM', () => process.exit(0)) // writes what the log holds

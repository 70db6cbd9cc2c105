-- Gateway: key, subscription and limit of a request in nginx's access phase.
-- The grants are a table of this worker; the counters are shared memory, one per subscription and minute.

local gateway = {}

local grants = {}      -- key -> {api, subscription}
local counters, limit, logged
local WINDOW_SECONDS = 60

-- Reads lines of `key subscription api`. `mode` is one of key, limits, log.
function gateway.load(path, mode, limit_per_minute)
  require "resty.core"
  for line in io.lines(path) do
    local key, subscription, api = line:match("^(%S+) (%S+) (%S+)$")
    grants[key] = {api = api, subscription = subscription}
  end
  limit = limit_per_minute
  counters = mode ~= "key" and ngx.shared.counters or nil
  logged = mode == "log"
end

local function count(subscription)
  local window = math.floor(ngx.time() / WINDOW_SECONDS)
  return counters:incr(subscription .. ":" .. window, 1, 0, 2 * WINDOW_SECONDS)
end

function gateway.access()
  local var = ngx.var
  local grant = grants[var.http_apikey or ""]
  if not grant then return ngx.exit(401) end
  if grant.api ~= var.api then return ngx.exit(403) end
  if logged then var.subscription = grant.subscription end
  if counters and (count(grant.subscription) or 0) > limit then return ngx.exit(429) end
end

return gateway

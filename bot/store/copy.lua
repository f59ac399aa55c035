#!lua name=kunnafoni_copy
-- A shard as it stands between two writes: read in one piece, so that what follows from the ledger agrees with it.

local READ = {
  string = function(key) return { redis.call('GET', key) } end,
  hash = function(key) return redis.call('HGETALL', key) end,
  set = function(key) return redis.call('SMEMBERS', key) end,
  zset = function(key) return redis.call('ZRANGE', key, 0, -1, 'WITHSCORES') end,
  list = function(key) return redis.call('LRANGE', key, 0, -1) end,
  stream = function(key) return redis.call('XRANGE', key, '-', '+') end,
}

-- KEYS: names. ARGV: the outbox and the prefix of messages ('' none): a message made meanwhile is copied with it.
-- {name, type, when it ends (Unix ms, -1 never), what is in it} of each that is there.
local function copy(keys, args)
  local copies = {}
  local function take(key)
    local kind = redis.call('TYPE', key).ok
    if READ[kind] then copies[#copies + 1] = { key, kind, redis.call('PEXPIRETIME', key), READ[kind](key) } end
  end
  for _, key in ipairs(keys) do take(key) end
  if args[1] ~= '' then
    for _, id in ipairs(redis.call('ZRANGE', args[1], 0, -1)) do take(args[2] .. id) end
  end
  return copies
end

redis.register_function({ function_name = 'k_copy', callback = copy, flags = { 'no-writes' } })

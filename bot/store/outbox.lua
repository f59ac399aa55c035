#!lua name=kunnafoni_outbox
-- What becomes of a message once it is committed with its cause: claimed, begun, settled, reported on. A message is in
-- `due` while it waits, in `sending` while it is a worker's, and in neither when nobody will send it any more.

-- KEYS: due, sending. ARGV: messages prefix, now, lease end, how many. The messages that are this worker's to send.
local function claim(keys, args)
  local claimed = {}
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', keys[1], '-inf', args[2], 'LIMIT', 0, args[4])) do
    redis.call('ZREM', keys[1], id)
    redis.call('ZADD', keys[2], args[3], id)
    local found = redis.call('HMGET', args[1] .. id, 'message', 'attempts')
    claimed[#claimed + 1] = { id, found[1], found[2] }
  end
  return claimed
end

-- KEYS: message, sending. ARGV: id, lease end. Said right before it is sent: 0 when the lease is another's by now.
local function begin(keys, args)
  if redis.call('ZSCORE', keys[2], args[1]) ~= args[2] then return 0 end
  redis.call('HSET', keys[1], 'state', 'sending')
  return redis.call('HINCRBY', keys[1], 'attempts', 1)
end

-- KEYS: message, due, sending. ARGV: id, state, when to try again ('' never), then field, value, ...
-- A delivery report may have come first: what it said stands. Who took too long may still tell what became of it.
local function settle(keys, args)
  local state = redis.call('HGET', keys[1], 'state')
  if redis.call('ZREM', keys[3], args[1]) == 0 and state ~= 'unknown' then return 0 end
  local final = state == 'delivered' or state == 'failed'
  if not final then redis.call('HSET', keys[1], 'state', args[2]) end
  for i = 4, #args, 2 do
    if not (final and args[i] == 'reason') then redis.call('HSET', keys[1], args[i], args[i + 1]) end
  end
  if args[3] ~= '' then redis.call('ZADD', keys[2], args[3], args[1]) end
  return 1
end

-- KEYS: sending, due. ARGV: messages prefix, now. A worker died: of what it was sending nobody knows whether it was
-- sent, the rest is another's to send. How many are in doubt.
local function abandon(keys, args)
  local lost = 0
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', keys[1], '-inf', args[2])) do
    redis.call('ZREM', keys[1], id)
    if redis.call('HGET', args[1] .. id, 'state') == 'sending' then
      redis.call('HSET', args[1] .. id, 'state', 'unknown', 'reason', 'the worker stopped while sending')
      lost = lost + 1
    else
      redis.call('ZADD', keys[2], args[2], id)
    end
  end
  return lost
end

-- KEYS: delivery, early. ARGV: a delivery report, how long it is kept (s). The message it is about; '' when that is not
-- known yet: the report is kept for it.
local function heard(keys, args)
  local where = redis.call('GET', keys[1])
  if where then return where end
  redis.call('RPUSH', keys[2], args[1])
  redis.call('LTRIM', keys[2], -10, -1)
  redis.call('EXPIRE', keys[2], args[2])
  return ''
end

-- KEYS: message. ARGV: state, the provider's word, reason. A final state stands: reports come in any order.
local function deliver(keys, args)
  local state = redis.call('HGET', keys[1], 'state')
  if not state then return 0 end
  local final = state == 'delivered' or state == 'failed'
  if args[1] ~= '' and not final then redis.call('HSET', keys[1], 'state', args[1]) end
  redis.call('HSET', keys[1], 'report', args[2])
  if args[3] ~= '' then redis.call('HSET', keys[1], 'reason', args[3]) end
  return 1
end

redis.register_function('k_claim', claim)
redis.register_function('k_begin', begin)
redis.register_function('k_settle', settle)
redis.register_function('k_abandon', abandon)
redis.register_function('k_heard', heard)
redis.register_function('k_deliver', deliver)

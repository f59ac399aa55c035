#!lua name=kunnafoni_outbox
-- What becomes of a message once it is committed with its cause: claimed, begun, settled, reported on. A message is in
-- its lane of `due` while it waits, in `sending` while it is a worker's, and in neither when nobody will send it any
-- more. In the lane `grouped` a recipient waits, and her messages in `group:<msisdn>`.

local GROUPED = ':grouped'
local FINAL = { delivered = true, failed = true }

-- Into its lane, from then on (Unix ms). Those who join a group wait for its window, and do not open it again.
local function wait(keys, lane, id, to, from)
  if lane ~= GROUPED then
    redis.call('ZADD', keys.due .. lane, from, id)
    return
  end
  redis.call('SADD', keys.group .. to, id)
  redis.call('ZADD', keys.due .. lane, 'LT', from, to)
end

-- KEYS: any key of the shard. ARGV: the names of its keys and the messages, as JSON documents. One that is there stays
-- as it is; how many are new.
local function queue(_, args)
  local keys, new = cjson.decode(args[1]), 0
  for _, message in ipairs(cjson.decode(args[2])) do
    local key = keys.messages .. message.id
    if redis.call('EXISTS', key) == 0 then
      redis.call('HSET', key, 'message', message.body, 'state', 'queued', 'attempts', 0, 'made', message.made)
      if message.lane ~= '' then redis.call('HSET', key, 'lane', message.lane) end
      wait(keys, message.lane, message.id, message.to, message.due)
      redis.call('ZADD', keys.outbox, message.made, message.id)
      new = new + 1
    end
  end
  return new
end

-- KEYS: the month's expenses, then the lanes. ARGV: now, how many lanes. What was spent (1/100 FCFA), and how many are due in each lane.
local function waiting(keys, args)
  local found = { tonumber(redis.call('HGET', keys[1], 'total') or 0) }
  for lane = 2, tonumber(args[2]) + 1 do found[lane] = redis.call('ZCOUNT', keys[lane], '-inf', args[1]) end
  return found
end

local function members(lane, group, name)
  if lane ~= GROUPED then return { name } end
  local ids = redis.call('SMEMBERS', group .. name)
  redis.call('DEL', group .. name)
  table.sort(ids)
  return ids
end

-- KEYS: the lane, sending. ARGV: messages prefix, lane, group prefix, now, lease end, how many. The messages that are
-- this worker's to send; of a group, all.
local function claim(keys, args)
  local claimed = {}
  for _, name in ipairs(redis.call('ZRANGEBYSCORE', keys[1], '-inf', args[4], 'LIMIT', 0, args[6])) do
    redis.call('ZREM', keys[1], name)
    for _, id in ipairs(members(args[2], args[3], name)) do
      redis.call('ZADD', keys[2], args[5], id)
      local found = redis.call('HMGET', args[1] .. id, 'message', 'attempts')
      claimed[#claimed + 1] = { id, found[1], found[2] }
    end
  end
  return claimed
end

-- KEYS: who was written to today, the day's reports. ARGV: id, how many a day ('' any number), what makes it needless
-- ('' nothing), seconds. Whether it is hers to get: 'needless', 'capped' or ''. Asked again for the same message, it
-- says the same, and counts it once.
local function spare(keys, args)
  if args[3] ~= '' and redis.call('HEXISTS', keys[2], args[3]) == 1 then return 'needless' end
  if args[2] == '' or redis.call('SISMEMBER', keys[1], args[1]) == 1 then return '' end
  if redis.call('SCARD', keys[1]) >= tonumber(args[2]) then return 'capped' end
  redis.call('SADD', keys[1], args[1])
  redis.call('EXPIRE', keys[1], args[4])
  return ''
end

local AGAIN = { failed = true, refused = true, capped = true, cancelled = true }

-- KEYS: any key of the shard. ARGV: the names of its keys as JSON, id, recipient. Nobody will send what only waits:
-- 1, or 0 when it is a worker's by now, or waits no more.
local function cancel(_, args)
  local keys, id, to = cjson.decode(args[1]), args[2], args[3]
  local found = redis.call('HMGET', keys.messages .. id, 'state', 'lane')
  if found[1] ~= 'queued' or redis.call('ZSCORE', keys.sending, id) then return 0 end
  local lane = found[2] or ''
  if lane == GROUPED then
    redis.call('SREM', keys.group .. to, id)
    if redis.call('SCARD', keys.group .. to) == 0 then redis.call('ZREM', keys.due .. lane, to) end
  else
    redis.call('ZREM', keys.due .. lane, id)
  end
  redis.call('HSET', keys.messages .. id, 'state', 'cancelled')
  return 1
end

-- The same, and now. What did not leave, or did not arrive, waits once more: 1; 0 for what may have arrived.
local function again(_, args)
  local keys, id, to = cjson.decode(args[1]), args[2], args[3]
  local found = redis.call('HMGET', keys.messages .. id, 'state', 'lane')
  if not AGAIN[found[1]] then return 0 end
  redis.call('HSET', keys.messages .. id, 'state', 'queued')
  redis.call('HDEL', keys.messages .. id, 'reason')
  wait(keys, found[2] or '', id, to, args[4])
  return 1
end

-- KEYS: sending. ARGV: messages prefix, lease end, ids: those that leave as one SMS, its carrier first. Said right
-- before it is sent: 0 when the lease of one is another's by now, or when one has arrived since it was queued once more;
-- then none is begun, and those that have not arrived wait for the lease to end.
local function begin(keys, args)
  for i = 3, #args do
    if redis.call('ZSCORE', keys[1], args[i]) ~= args[2] then return 0 end
    if redis.call('HGET', args[1] .. args[i], 'state') == 'delivered' then return 0 end
  end
  for i = 3, #args do
    redis.call('HSET', args[1] .. args[i], 'state', 'sending')
    redis.call('HINCRBY', args[1] .. args[i], 'attempts', 1)
  end
  return 1
end

-- Whose alert did not reach them: for whoever knows the next to be told.
local function told_of(lost, key, id, before, now)
  if now ~= before and (now == 'failed' or now == 'refused') then
    lost[#lost + 1] = { id, redis.call('HGET', key, 'message') }
  end
end

-- Whether it is for this worker to say what became of it. Who was away for longer than the lease may find it in another's
-- hands, and then has nothing to say; but who had begun it, and was given up since, knows what nobody else does.
local function may_say(keys, told, id, state)
  local lease = redis.call('ZSCORE', keys.sending, id)
  if lease then return lease == told.lease and redis.call('ZREM', keys.sending, id) == 1 end
  return told.begun and state == 'unknown'
end

-- A delivery report may have come first: what it said stands. Who took too long may still tell what became of it.
local function settle_one(keys, told, id, lost)
  local key = keys.messages .. id
  local state = redis.call('HGET', key, 'state')
  if not may_say(keys, told, id, state) then return 0 end
  local now = FINAL[state] and state or told.state
  redis.call('HSET', key, 'state', now)
  for name, value in pairs(told.fields) do
    if not (FINAL[state] and name == 'reason') then redis.call('HSET', key, name, value) end
  end
  if told.again and now ~= 'delivered' then wait(keys, told.lane, id, told.to, told.again) end
  told_of(lost, key, id, state, now)
  return 1
end

local function spend(keys, told)
  local field = told.unit .. '|' .. told.kind
  redis.call('HINCRBY', keys.spent, field .. '|segments', told.segments)
  redis.call('HINCRBY', keys.spent, field .. '|cost', told.cents)
  redis.call('HINCRBY', keys.spent, 'total', told.cents)
end

-- KEYS: any key of the shard. ARGV: the names of its keys and what became of the messages that left as one, as JSON
-- documents; the first is the carrier, which alone is paid for. Those that will reach nobody: {id, message}.
local function settle(_, args)
  local keys, told, lost = cjson.decode(args[1]), cjson.decode(args[2]), {}
  for i, id in ipairs(told.ids) do
    local settled = settle_one(keys, told, id, lost)
    if settled == 1 and i > 1 then redis.call('HSET', keys.messages .. id, 'with', told.ids[1]) end
    if settled == 1 and i == 1 then
      for name, value in pairs(told.once) do redis.call('HSET', keys.messages .. id, name, value) end
      if #told.ids > 1 then redis.call('HSET', keys.messages .. id, 'carries', cjson.encode(told.ids)) end
      if told.segments > 0 then spend(keys, told) end
    end
  end
  return lost
end

-- KEYS: any key of the shard. ARGV: the names of its keys as a JSON document, now. A worker died: of what it was sending
-- nobody knows whether it was sent, the rest is another's to send. How many are in doubt.
local function abandon(_, args)
  local keys, lost = cjson.decode(args[1]), 0
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', keys.sending, '-inf', args[2])) do
    redis.call('ZREM', keys.sending, id)
    local key = keys.messages .. id
    local found = redis.call('HMGET', key, 'state', 'lane', 'message')
    if found[1] == 'sending' then
      redis.call('HSET', key, 'state', 'unknown', 'reason', 'the worker stopped while sending')
      lost = lost + 1
    elseif found[1] == 'queued' then
      local to = found[2] == GROUPED and cjson.decode(found[3]).to or ''
      wait(keys, found[2] or '', id, to, args[2])
    end
  end
  return lost
end

-- KEYS: delivery, early. ARGV: where the message is that the provider calls so, how long that is kept (s). The delivery
-- reports that came before it had this name.
local function name(keys, args)
  redis.call('SET', keys[1], args[1], 'EX', args[2])
  local early = redis.call('LRANGE', keys[2], 0, -1)
  redis.call('DEL', keys[2])
  return early
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

local function report_on(key, id, args, lost)
  local state = redis.call('HGET', key, 'state')
  if not state then return end
  local said, now = args[3], state
  -- That it arrived is sure, whatever else was said before or after.
  if said ~= '' and (not FINAL[state] or (said == 'delivered' and state == 'failed')) then now = said end
  redis.call('HSET', key, 'state', now, 'report', args[4])
  if now == 'delivered' then redis.call('HDEL', key, 'reason')
  elseif args[5] ~= '' then redis.call('HSET', key, 'reason', args[5]) end
  told_of(lost, key, id, state, now)
end

-- KEYS: the carrier. ARGV: messages prefix, its id, state, the provider's word, reason. Reports come in any
-- order: the first final state stands, but what arrived did not fail. Those that will reach nobody, as `settle` says them.
local function deliver(keys, args)
  local lost = {}
  local carries = redis.call('HGET', keys[1], 'carries')
  for _, id in ipairs(carries and cjson.decode(carries) or { args[2] }) do report_on(args[1] .. id, id, args, lost) end
  return lost
end

-- KEYS: a channel's pace. ARGV: messages a second, how many are wanted, what may be made up for (µs). How many may leave
-- now, and in how many ms the next. The server's own clock, so that workers whose clocks differ share one pace (GCRA).
local function take(keys, args)
  local time = redis.call('TIME')
  local now, step = tonumber(time[1]) * 1000000 + tonumber(time[2]), 1000000 / tonumber(args[1])
  -- Further ahead than a step it can only be of a clock that was set back since.
  local from = math.min(tonumber(redis.call('GET', keys[1]) or now), now + step)
  from = math.max(from, now - tonumber(args[3]))
  local many = math.max(0, math.min(tonumber(args[2]), math.floor((now - from) / step) + 1))
  from = from + many * step
  if many > 0 then redis.call('SET', keys[1], string.format('%.0f', from), 'PX', math.ceil(step / 1000) + 60000) end
  return { many, math.max(0, math.ceil((from - now) / 1000)) }
end

-- KEYS: lease. ARGV: holder, ms. 1 when it is this holder's for so long: it was free, or hers already.
local function hold(keys, args)
  local holder = redis.call('GET', keys[1])
  if holder and holder ~= args[1] then return 0 end
  redis.call('SET', keys[1], args[1], 'PX', args[2])
  return 1
end

-- KEYS: lease. ARGV: holder. Free again, if it was hers.
local function leave(keys, args)
  if redis.call('GET', keys[1]) ~= args[1] then return 0 end
  return redis.call('DEL', keys[1])
end

redis.register_function('k_queue', queue)
redis.register_function('k_waiting', waiting)
redis.register_function('k_claim', claim)
redis.register_function('k_spare', spare)
redis.register_function('k_begin', begin)
redis.register_function('k_cancel', cancel)
redis.register_function('k_again', again)
redis.register_function('k_settle', settle)
redis.register_function('k_abandon', abandon)
redis.register_function('k_name', name)
redis.register_function('k_heard', heard)
redis.register_function('k_deliver', deliver)
redis.register_function('k_take', take)
redis.register_function('k_hold', hold)
redis.register_function('k_leave', leave)

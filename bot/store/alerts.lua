#!lua name=kunnafoni_alerts
-- What becomes of an alert once it is open: told up the ladder, acknowledged. Opening and ending it is kunnafoni.lua's,
-- where it happens in one piece with the report that is its cause.

local function note(key, at, what, who, more)
  redis.call('RPUSH', key .. ':log', cjson.encode({ at = tonumber(at), what = what, who = who, more = more }))
end

-- KEYS: next. ARGV: alert prefix, now, how many. The alerts that somebody must hear of now, each as its fields.
local function due(keys, args)
  local found = {}
  for _, number in ipairs(redis.call('ZRANGEBYSCORE', keys[1], '-inf', args[2], 'LIMIT', 0, args[3])) do
    found[#found + 1] = redis.call('HGETALL', args[1] .. number)
  end
  return found
end

-- KEYS: alert, next, held by whom it is told to. ARGV: number, the step and round it was seen at, now, level, to whom,
-- the next step, when that is due ('' never). 0 when it has moved on meanwhile: another worker was faster, or it is over.
local function told(keys, args)
  local held = redis.call('HMGET', keys[1], 'state', 'step', 'round', 'told', 'heard')
  if held[1] ~= 'open' or held[2] ~= args[2] or held[3] ~= args[3] then return 0 end
  redis.call('HSET', keys[1], 'level', args[5], 'holder', args[6], 'step', args[7],
    'told', held[4] .. ' ' .. args[6], 'heard', held[5] .. ' ' .. args[6])
  redis.call('SADD', keys[3], args[1])
  if args[8] == '' then redis.call('ZREM', keys[2], args[1]) else redis.call('ZADD', keys[2], args[8], args[1]) end
  note(keys[1], args[4], 'told', args[6], args[5])
  return 1
end

-- KEYS: alert, next. ARGV: number, step and round it was seen at, now, when to look again ('' never). Nobody is there
-- to be told. 1 when this is new.
local function unheard(keys, args)
  local held = redis.call('HMGET', keys[1], 'state', 'step', 'round', 'unheard')
  if held[1] ~= 'open' or held[2] ~= args[2] or held[3] ~= args[3] then return 0 end
  if args[5] == '' then
    redis.call('ZREM', keys[2], args[1])
    return 0
  end
  redis.call('ZADD', keys[2], args[5], args[1])
  if held[4] then return 0 end
  redis.call('HSET', keys[1], 'unheard', args[4])
  note(keys[1], args[4], 'unheard', '')
  return 1
end

-- KEYS: alert, next. ARGV: number, to whom it went in vain, now. She has not heard of it: unless somebody else has
-- since, the next level is due.
local function bounced(keys, args)
  local held = redis.call('HMGET', keys[1], 'state', 'holder', 'heard', 'bounced')
  if held[1] ~= 'open' then return 0 end
  local heard = {}
  for who in string.gmatch(held[3], '%S+') do
    if who ~= args[2] then heard[#heard + 1] = who end
  end
  redis.call('HSET', keys[1], 'heard', table.concat(heard, ' '), 'bounced', (held[4] or '') .. ' ' .. args[2])
  note(keys[1], args[3], 'bounced', args[2])
  if held[2] == args[2] then redis.call('ZADD', keys[2], args[3], args[1]) end
  return 1
end

-- KEYS: alert, next. ARGV: number, request, by whom, her name, when. `done` (also when the same request comes again),
-- else its state; '' when there is none.
local function acknowledge(keys, args)
  local held = redis.call('HMGET', keys[1], 'state', 'request')
  if held[1] == 'acknowledged' and held[2] == args[2] then return 'done' end
  if held[1] ~= 'open' then return held[1] or '' end
  redis.call('HSET', keys[1], 'state', 'acknowledged', 'acknowledged', args[5], 'acknowledged_by', args[3],
    'acknowledged_name', args[4], 'request', args[2])
  redis.call('ZREM', keys[2], args[1])
  note(keys[1], args[5], 'acknowledged', args[3])
  return 'done'
end

-- KEYS: alert. ARGV: number, when, who, her words. 1 when there is such an alert.
local function comment(keys, args)
  if redis.call('EXISTS', keys[1]) == 0 then return 0 end
  note(keys[1], args[2], 'commented', args[3], args[4])
  return 1
end

-- KEYS: alert, next, held by whom it is given to. ARGV: number, the state and round it was seen in, when, her level, to
-- whom, the next step, when that is due ('' never), by whom. It is open again, and hers. 0 when it has moved on meanwhile.
local function reassign(keys, args)
  local held = redis.call('HMGET', keys[1], 'state', 'round', 'told', 'heard')
  if held[1] ~= args[2] or held[2] ~= args[3] or held[1] == 'resolved' then return 0 end
  redis.call('HDEL', keys[1], 'acknowledged', 'acknowledged_by', 'acknowledged_name', 'request')
  redis.call('HSET', keys[1], 'state', 'open', 'level', args[5], 'holder', args[6], 'step', args[7],
    'told', held[3] .. ' ' .. args[6], 'heard', held[4] .. ' ' .. args[6])
  redis.call('SADD', keys[3], args[1])
  if args[8] == '' then redis.call('ZREM', keys[2], args[1]) else redis.call('ZADD', keys[2], args[8], args[1]) end
  note(keys[1], args[4], 'reassigned', args[9], args[6])
  return 1
end

-- KEYS: those that are not resolved. ARGV: alert prefix, held prefix, a leader's number, the one she has now. What she
-- was told of, and what is hers to hear of first.
local function moved(keys, args)
  local function renamed(text)
    local words = {}
    for word in string.gmatch(text, '%S+') do words[#words + 1] = word == args[3] and args[4] or word end
    return table.concat(words, ' ')
  end
  local names = { 'supervisor', 'holder', 'told', 'heard', 'bounced' }
  for _, number in ipairs(redis.call('ZRANGE', keys[1], 0, -1)) do
    local key = args[1] .. number
    for i, held in ipairs(redis.call('HMGET', key, unpack(names))) do
      if held and string.find(held, args[3], 1, true) then redis.call('HSET', key, names[i], renamed(held)) end
    end
  end
  for _, number in ipairs(redis.call('SMEMBERS', args[2] .. args[3])) do redis.call('SADD', args[2] .. args[4], number) end
  redis.call('DEL', args[2] .. args[3])
  return 1
end

-- KEYS: contact. ARGV: her supervisor's number as it was, as it is, her name. 1 when she is hers.
local function led(keys, args)
  local held = redis.call('HGET', keys[1], 'supervisor')
  if held ~= args[1] and held ~= args[2] then return 0 end
  redis.call('HSET', keys[1], 'supervisor', args[2], 'supervisor_name', args[3])
  return 1
end

-- KEYS: session. ARGV: when it was pinned, the pin with what a leader has at hand. The pin as it stands: what another
-- worker added first, or '' when the id is another call by now.
local function pin(keys, args)
  local held = redis.call('HMGET', keys[1], 'at', 'led', 'pin')
  if held[1] ~= args[1] then return '' end
  if held[2] then return held[3] end
  redis.call('HSET', keys[1], 'pin', args[2], 'led', 1)
  return args[2]
end

redis.register_function('k_alert_due', due)
redis.register_function('k_alert_told', told)
redis.register_function('k_alert_unheard', unheard)
redis.register_function('k_alert_bounced', bounced)
redis.register_function('k_alert_acknowledge', acknowledge)
redis.register_function('k_alert_comment', comment)
redis.register_function('k_alert_reassign', reassign)
redis.register_function('k_alert_moved', moved)
redis.register_function('k_led', led)
redis.register_function('k_pin', pin)

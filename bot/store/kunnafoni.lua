#!lua name=kunnafoni
-- What the store does in one piece. Each function touches the keys of one shard only, and its writes happen
-- all or not at all. Names of keys come from the caller (store/keys.py); nothing here reads a clock.

local function hash(key)
  local flat, found = redis.call('HGETALL', key), {}
  for i = 1, #flat, 2 do found[flat[i]] = flat[i + 1] end
  return found
end

-- Rows that add up: a row is worth 1, a number its value, an option 1; a zero is counted too, for stock-outs.
local function worth(kind, answers)
  local head, sums = kind, {}
  if answers.product then head = kind .. '.' .. answers.product end
  sums[head] = 1
  for name, value in pairs(answers) do
    local field = head .. '.' .. name
    if type(value) == 'number' then
      sums[field] = value
      if value == 0 then sums[field .. '=0'] = 1 end
    elseif type(value) == 'string' and name ~= 'product' and #value <= 20 and string.find(value, '^[a-z_]+$') then
      sums[field .. '=' .. value] = 1
    elseif type(value) == 'table' then
      for _, one in ipairs(value) do sums[field .. '=' .. one] = 1 end
    end
  end
  return sums
end

local function count(keys, row, sign)
  for name, value in pairs(worth(row.kind, row.answers)) do
    for _, period in ipairs({ row.day, string.sub(row.day, 1, 6) }) do
      local field = row.unit .. '|' .. name
      if redis.call('HINCRBY', keys.counts .. period, field, sign * value) == 0 then
        redis.call('HDEL', keys.counts .. period, field)
      end
    end
  end
  redis.call('EXPIRE', keys.counts .. row.day, keys.day_kept)
end

-- The contact's year in a few bytes: a letter a check-in, `SRO=12 CTE=5` a week of stock.
local function remember_year(keys, row, present)
  local key = keys.years .. string.sub(row.day, 1, 4)
  if row.kind == 'checkin' then
    if present then redis.call('HSET', key, 'c' .. row.yday, string.sub(row.answers.status or '?', 1, 1))
    else redis.call('HDEL', key, 'c' .. row.yday) end
  elseif row.kind == 'stock' and row.answers.product then
    key = keys.years .. string.sub(row.week, 1, 4)
    local field, kept = 's' .. string.sub(row.week, 6), {}
    for product, quantity in string.gmatch(redis.call('HGET', key, field) or '', '(%w+)=(%d+)') do
      if product ~= row.answers.product then kept[#kept + 1] = product .. '=' .. quantity end
    end
    if present then kept[#kept + 1] = row.answers.product .. '=' .. string.format('%d', row.answers.quantity or 0) end
    if #kept > 0 then redis.call('HSET', key, field, table.concat(kept, ' ')) else redis.call('HDEL', key, field) end
  end
end

-- What the next question may compare with; a report that was taken back leaves what stood before it.
local function know(keys, subject, row)
  if row then
    local value = (row.answers.quantity and string.format('%d', row.answers.quantity) or '') .. '@' .. row.at
    redis.call('HSET', keys.known, subject, value)
  else
    redis.call('HDEL', keys.known, subject)
  end
end

local function without_prev(row)
  if not row then return nil end
  local bare = {}
  for name, value in pairs(row) do if name ~= 'prev' then bare[name] = value end end
  return bare
end

-- Everything that follows from rows of the ledger; `rebuild` runs it again over the whole ledger.
local function project(keys, rows)
  for _, row in ipairs(rows) do
    local before = redis.call('HGET', keys.last, row.subject)
    before = before and cjson.decode(before) or nil
    local corrected = before and row.corrects ~= '' and before.id == row.corrects and before or nil
    if corrected then
      count(keys, corrected, -1)
      remember_year(keys, corrected, false)
    end
    -- What a correction replaces was never there: what stood before it stands behind the correction.
    local behind = without_prev(before)
    if corrected then behind = corrected.prev end
    local standing
    if row.void then
      standing = behind
      if not (standing and standing.day == row.day) then redis.call('SREM', keys.days .. row.day, row.kind .. ':' .. row.msisdn) end
      if standing then remember_year(keys, standing, true) end
    else
      count(keys, row, 1)
      remember_year(keys, row, true)
      redis.call('SADD', keys.days .. row.day, row.kind .. ':' .. row.msisdn)
      redis.call('EXPIRE', keys.days .. row.day, keys.day_kept)
      standing = without_prev(row)
      standing.prev = behind
    end
    if standing then redis.call('HSET', keys.last, row.subject, cjson.encode(standing))
    else redis.call('HDEL', keys.last, row.subject) end
    know(keys, row.subject, standing)
    if row.kind ~= row.subject then know(keys, row.kind, row.void and standing or row) end
  end
end

-- The row that a new one corrects: the one it says, the one of the same day, or the one said earlier in the same call.
local function corrected_by(keys, record, subject)
  local before = redis.call('HGET', keys.last, subject)
  if not before then return '' end
  before = cjson.decode(before)
  local same_day = record.once == 'day' and before.day == record.day
  if record.corrects or same_day or before.session == record.session then return before.id end
  return ''
end

local function write_rows(keys, record)
  local rows, corrects = {}, {}
  for i, answers in ipairs(record.rows) do
    local subject = record.kind .. (answers.product and (':' .. answers.product) or '')
    corrects[i] = corrected_by(keys, record, subject)
    rows[i] = { kind = record.kind, subject = subject, answers = answers, corrects = corrects[i] }
  end
  local xid = redis.call('XADD', keys.ledger, '*', 'entry', record.entry, 'answers', record.told,
    'corrects', table.concat(corrects, ' '))
  redis.call('SADD', keys.months, record.month)
  for i, row in ipairs(rows) do
    row.id = xid .. '-' .. keys.shard .. '-' .. (i - 1)
    row.at, row.day, row.yday, row.week = record.at, record.day, record.yday, record.week
    row.unit, row.session, row.msisdn, row.void = record.unit, record.session, record.msisdn, record.void
  end
  project(keys, rows)
end

local function write_message(keys, message)
  local key = keys.messages .. message.id
  if redis.call('EXISTS', key) == 1 then return end
  redis.call('HSET', key, 'message', message.body, 'state', 'queued', 'attempts', 0, 'made', message.made)
  redis.call('ZADD', keys.due, message.due, message.id)
  redis.call('ZADD', keys.outbox, message.made, message.id)
end

local function keep_draft(keys, draft)
  if draft then
    redis.call('HSET', keys.draft, 'draft', draft.body)
    redis.call('HINCRBY', keys.draft, 'n', 1)
    redis.call('ZADD', keys.drafts, draft.expires, keys.msisdn)
  else
    redis.call('DEL', keys.draft)
    redis.call('ZREM', keys.drafts, keys.msisdn)
  end
end

-- KEYS: session, contact, known, draft. ARGV: now, release, reuse (ms), life (ms), dialled past the menu.
-- The call as it was pinned when it began, beginning it if it is new: {pin, transcript}.
local function open(keys, args)
  local pinned = redis.call('HMGET', keys[1], 'pin', 'at', 'said')
  if pinned[1] and tonumber(args[1]) - tonumber(pinned[2]) <= tonumber(args[3]) then return { pinned[1], pinned[3] or '' } end
  local pin = cjson.encode({ at = tonumber(args[1]), release = tonumber(args[2]), contact = hash(keys[2]),
    known = hash(keys[3]), draft = redis.call('HGET', keys[4], 'draft') or '', deep = args[5] == '1' })
  redis.call('DEL', keys[1])
  redis.call('HSET', keys[1], 'pin', pin, 'at', args[1])
  redis.call('PEXPIRE', keys[1], args[4])
  return { pin, '' }
end

-- KEYS: seen, contact, known, draft. What is needed to answer one SMS: {first reply or '', contact and known, draft, its count}.
local function look(keys)
  local seen = redis.call('GET', keys[1])
  local draft = redis.call('HMGET', keys[4], 'draft', 'n')
  return { seen and '1' or '', seen or '', cjson.encode({ contact = hash(keys[2]), known = hash(keys[3]) }), draft[1] or '', draft[2] or '0' }
end

-- KEYS: any key of the shard. ARGV: the step as one JSON document.
-- Answers {'first', reply}, {'again', the first reply}, or {'moved'} when the conversation went on meanwhile.
local function commit(_, args)
  local step = cjson.decode(args[1])
  local keys = step.keys
  local before = redis.call('GET', keys.seen)
  if before then return { 'again', before } end
  if step.expects and (redis.call('HGET', keys.draft, 'n') or '0') ~= step.expects then return { 'moved' } end
  for _, record in ipairs(step.records or {}) do write_rows(keys, record) end
  for name, value in pairs(step.changes or {}) do redis.call('HSET', keys.contact, name, value) end
  for _, message in ipairs(step.messages or {}) do write_message(keys, message) end
  if step.session then
    redis.call('HSET', keys.session, 'said', step.said or '', 'over', step.over and 1 or 0)
    redis.call('PEXPIRE', keys.session, keys.session_life)
  end
  if not step.aside then keep_draft(keys, step.draft) end
  redis.call('SET', keys.seen, step.reply, 'EX', step.seen_for)
  return { 'first', step.reply }
end

-- KEYS: session, draft, drafts. ARGV: transcript, draft ('-' leaves the one there is), when it becomes a partial
-- report, msisdn. Written behind the reply: where she is, so that she can be taken up there.
local function follow(keys, args)
  local state = redis.call('HGET', keys[1], 'over')
  if state == '1' or redis.call('EXISTS', keys[1]) == 0 then return 0 end
  redis.call('HSET', keys[1], 'said', args[1])
  if args[2] ~= '-' then
    local draft = args[2] ~= '' and { body = args[2], expires = args[3] } or nil
    keep_draft({ draft = keys[2], drafts = keys[3], msisdn = args[4] }, draft)
  end
  return 1
end

-- KEYS: due, sending. ARGV: messages prefix, now, lease end, how many. The messages that are this worker's to send.
local function claim(keys, args)
  local claimed = {}
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', keys[1], '-inf', args[2], 'LIMIT', 0, args[4])) do
    redis.call('ZREM', keys[1], id)
    redis.call('ZADD', keys[2], args[3], id)
    redis.call('HSET', args[1] .. id, 'state', 'sending')
    redis.call('HINCRBY', args[1] .. id, 'attempts', 1)
    claimed[#claimed + 1] = { id, redis.call('HGET', args[1] .. id, 'message'), redis.call('HGET', args[1] .. id, 'attempts') }
  end
  return claimed
end

-- KEYS: message, due, sending. ARGV: id, state, when to try again ('' never), then field, value, ...
local function settle(keys, args)
  if redis.call('ZREM', keys[3], args[1]) == 0 then return 0 end
  redis.call('HSET', keys[1], 'state', args[2])
  for i = 4, #args, 2 do redis.call('HSET', keys[1], args[i], args[i + 1]) end
  if args[3] ~= '' then redis.call('ZADD', keys[2], args[3], args[1]) end
  return 1
end

-- KEYS: sending. ARGV: messages prefix, now. A worker died while sending: nobody knows whether it was sent.
local function abandon(keys, args)
  local lost = redis.call('ZRANGEBYSCORE', keys[1], '-inf', args[2])
  for _, id in ipairs(lost) do
    redis.call('ZREM', keys[1], id)
    redis.call('HSET', args[1] .. id, 'state', 'unknown', 'reason', 'the worker stopped while sending')
  end
  return #lost
end

-- KEYS: message. ARGV: state, the provider's word, reason. A final state stands: reports come in any order.
local function deliver(keys, args)
  local state = redis.call('HGET', keys[1], 'state')
  if not state then return 0 end
  if args[1] ~= '' and state ~= 'delivered' and state ~= 'failed' then redis.call('HSET', keys[1], 'state', args[1]) end
  redis.call('HSET', keys[1], 'report', args[2])
  if args[3] ~= '' then redis.call('HSET', keys[1], 'reason', args[3]) end
  return 1
end

-- KEYS: releases. ARGV: the current number as the caller knows it, the new release. Its number, or 0 when another came first.
local function publish(keys, args)
  local current = redis.call('HGET', keys[1], 'current') or '0'
  if current ~= args[1] then return 0 end
  local number = tonumber(current) + 1
  redis.call('HSET', keys[1], number, args[2], 'current', number)
  return number
end

-- KEYS: any key of the shard. ARGV: a JSON document of keys and rows. The ledger told again, under other names.
local function replay(_, args)
  local told = cjson.decode(args[1])
  project(told.keys, told.rows)
  return #told.rows
end

redis.register_function('k_open', open)
redis.register_function('k_look', look)
redis.register_function('k_commit', commit)
redis.register_function('k_follow', follow)
redis.register_function('k_claim', claim)
redis.register_function('k_settle', settle)
redis.register_function('k_abandon', abandon)
redis.register_function('k_deliver', deliver)
redis.register_function('k_publish', publish)
redis.register_function('k_replay', replay)

#!lua name=kunnafoni
-- What the store does in one piece. Each function touches the keys of one shard only, and its writes happen
-- all or not at all. Names of keys come from the caller (store/keys.py); nothing here reads a clock.

local function hash(key)
  local flat, found = redis.call('HGETALL', key), {}
  for i = 1, #flat, 2 do found[flat[i]] = flat[i + 1] end
  return found
end

local function whole(value) return type(value) == 'number' and value % 1 == 0 end

local function text(value) return type(value) == 'string' and value ~= '' end

-- What a row is the latest of: a report has a row for each product or training session, or a single one.
local function subject_of(kind, answers)
  if text(answers.product) then return kind .. ':' .. answers.product end
  if text(answers.training) and answers.training ~= 'none' then return kind .. ':' .. answers.training end
  return kind
end

-- Behind this word joined by `joint` another, where there is one.
local function joined(word, joint, other) return text(other) and word .. joint .. other or word end

-- What a row said, in a word or a number, for whoever asks next.
local function said_of(answers)
  if whole(answers.quantity) then return string.format('%d', answers.quantity) end
  if text(answers.status) then return joined(answers.status, ':', answers.why) end
  if text(answers.coming) then return answers.coming end
  if whole(answers.score) then return string.format('%d', answers.score) end
  if text(answers.received) then return joined(answers.received, ' ', answers.pay_month) end
  return ''
end

local DAY = 86400000
local LOOK_BACK, LEAST, MOST_COUNTED = 60 * DAY, 10 * DAY, 30

-- The counts of a product, oldest first, each {at, quantity}, or {at, quantity, received, days out}, once this row is told.
local function counted_after(row, before, corrected)
  local counted = {}
  for _, one in ipairs(before and before.counted or {}) do
    if not (corrected and one[1] == before.at) then counted[#counted + 1] = one end
  end
  local answers = row.answers
  if not row.void and whole(answers.quantity) then
    local place = #counted + 1
    while place > 1 and counted[place - 1][1] > row.at do place = place - 1 end
    local one, received, out = { row.at, answers.quantity }, answers.received, answers.days_out
    if whole(received) and received ~= 0 or whole(out) and out ~= 0 then
      one[3], one[4] = whole(received) and received or 0, whole(out) and out or 0
    end
    table.insert(counted, place, one)
  end
  local newest = #counted > 0 and counted[#counted][1]
  while #counted > 0 and (counted[1][1] < newest - LOOK_BACK or #counted > MOST_COUNTED) do table.remove(counted, 1) end
  return #counted > 0 and counted or nil
end

-- What is used of it in thirty days, as cStock (Malawi) reckons: days without stock are left out, and so is what cannot
-- be. Nil when fewer than two intervals, or ten days, tell it.
local function monthly_use(counted)
  local used, span, intervals = 0, 0, 0
  for i = 2, counted and #counted or 0 do
    local from, to = counted[i - 1], counted[i]
    local use, stocked = from[2] + (to[3] or 0) - to[2], to[1] - from[1] - (to[4] or 0) * DAY
    if use >= 0 and stocked > 0 then used, span, intervals = used + use, span + stocked, intervals + 1 end
  end
  return intervals >= 2 and span >= LEAST and math.ceil(used * 30 * DAY / span) or nil
end

-- Rows that add up: a row is worth 1, a number its value, an option 1; a zero is counted too, for stock-outs.
local function worth(row, sums, sign)
  local head = row.unit .. '|' .. joined(row.kind, '.', row.answers.product)
  local function one(field, number) sums[field] = (sums[field] or 0) + sign * number end
  one(head, 1)
  for name, value in pairs(row.answers) do
    local field, kind = head .. '.' .. name, type(value)
    if kind == 'string' then
      if name ~= 'product' and #value <= 20 and string.find(value, '^[a-z_]+$') then one(field .. '=' .. value, 1) end
    elseif whole(value) then
      one(field, value)
      if value == 0 then one(field .. '=0', 1) end
    elseif kind == 'table' then
      for _, option in ipairs(value) do
        if type(option) == 'string' then one(field .. '=' .. option, 1) end
      end
    end
  end
end

-- What rows change of a contact's projections is gathered here and written in one go: `last`, `known` and `years` as they
-- will stand (false: not there), `days` by how much each counts more. A call of the server costs more than what is done in between.
local function gather(keys)
  return { keys = keys, last = {}, known = {}, years = {}, weeks = {}, days = {}, said = {} }
end

-- A standing row as it is written: what its key and its field say, and what nobody asks of its kind, it does not repeat.
local function short(row)
  return { id = row.id, at = row.at, day = row.day, yday = row.kind == 'checkin' and row.yday or nil,
    week = row.kind == 'stock' and row.week or nil, unit = row.unit, conversation = row.conversation,
    answers = row.answers, counted = row.counted, prev = row.prev and short(row.prev) }
end

local function read_standing(subject, msisdn, said)
  local row = cjson.decode(said)
  for _, one in ipairs({ row, row.prev }) do
    one.subject, one.kind, one.msisdn = subject, string.match(subject, '^[^:]+'), msisdn
  end
  return row
end

-- Reads the standing rows of these subjects, once.
local function read_last(told, subjects)
  local wanted = {}
  for _, subject in ipairs(subjects) do
    if told.last[subject] == nil then
      wanted[#wanted + 1], told.last[subject] = subject, false
    end
  end
  if #wanted == 0 then return end
  for i, said in ipairs(redis.call('HMGET', told.keys.last, unpack(wanted))) do
    if said then told.last[wanted[i]] = read_standing(wanted[i], told.keys.msisdn, said) end
  end
end

-- When a report of this kind was said last.
local function last_said(told, kind)
  if not told.said[kind] then
    told.said[kind] = tonumber(string.match(redis.call('HGET', told.keys.known, kind) or '', '@(%d+)$') or 0)
  end
  return told.said[kind]
end

-- What a day counts more: `who` said something how often, the `sums` of it, and those of rows that only their month
-- counts, because the day is forgotten already.
local function day_of(told, day, sign)
  local found = told.days[day]
  if not found then
    found = { who = {}, sums = {}, late = {}, there = sign > 0 or redis.call('EXISTS', told.keys.days .. day) == 1 }
    told.days[day] = found
  end
  found.there = found.there or sign > 0
  return found
end

local function count(told, row, sign)
  local day, who = day_of(told, row.day, sign), row.kind .. ':' .. row.msisdn
  worth(row, day.there and day.sums or day.late, sign)
  if day.there then day.who[who] = (day.who[who] or 0) + sign end
end

local function year_of(told, key, field)
  local year = told.years[key] or {}
  told.years[key] = year
  if year[field] == nil then year[field] = redis.call('HGET', key, field) end
  return year
end

-- A week of stock, taken apart: products in the order they came, and their quantities.
local function week_of(told, row)
  local week = told.weeks[row.week]
  if not week then
    local key, field = told.keys.years .. string.sub(row.week, 1, 4), 's' .. string.sub(row.week, 6)
    local year = year_of(told, key, field)
    week = { year = year, field = field, order = {}, held = {} }
    for product, quantity in string.gmatch(year[field] or '', '([^%s=]+)=(%S+)') do
      week.order[#week.order + 1], week.held[product] = product, quantity
    end
    told.weeks[row.week] = week
  end
  return week
end

-- The contact's year in a few bytes: a letter a check-in, `SRO=12 CTE=5` a week of stock.
local function remember_year(told, row, present)
  local answers = row.answers
  if row.kind == 'checkin' then
    local field = 'c' .. row.yday
    local year = year_of(told, told.keys.years .. string.sub(row.day, 1, 4), field)
    year[field] = present and (string.match(tostring(answers.status), '^[a-z]') or '?')
  elseif row.kind == 'stock' and row.subject ~= row.kind then
    local week, product = week_of(told, row), answers.product
    if week.held[product] then
      for i, one in ipairs(week.order) do
        if one == product then table.remove(week.order, i) break end
      end
    end
    week.held[product] = present and whole(answers.quantity) and string.format('%d', answers.quantity) or nil
    if week.held[product] then week.order[#week.order + 1] = product end
  end
end

local function join_weeks(told)
  for _, week in pairs(told.weeks) do
    local kept = {}
    for i, product in ipairs(week.order) do kept[i] = product .. '=' .. week.held[product] end
    week.year[week.field] = #kept > 0 and table.concat(kept, ' ')
  end
end

-- What the next question may compare with: what was said, `~` the use in a month, and when; of a kind with several
-- subjects, only when.
local function know(told, name, row)
  local value = row and name == row.subject and said_of(row.answers) or ''
  local use = row and name == row.subject and monthly_use(row.counted)
  if use then value = value .. '~' .. string.format('%d', use) end
  told.known[name] = row and value .. '@' .. row.at
end

local function newest(told, kind)
  local subjects, found = redis.call('HKEYS', told.keys.last), false
  read_last(told, subjects)
  for _, row in pairs(told.last) do
    if row and row.kind == kind and (not found or row.at > found.at) then found = row end
  end
  return found
end

-- The latest of a subject once this row is told, and behind it (`prev`) the one before. What a correction replaces was
-- never there. What comes late, of a call that was never finished, stands behind what was said since.
local function standing_after(row, before, corrected)
  local behind = before or nil
  if corrected then behind = before.prev end
  if row.void then return behind end
  if behind and not corrected and behind.at > row.at then
    if not (behind.prev and behind.prev.at > row.at) then behind.prev = row end
    return behind
  end
  if behind then behind.prev = nil end
  row.prev = behind
  return row
end

local function tell_row(told, row)
  local before = told.last[row.subject]
  local corrected = before and before.id == row.corrects
  if corrected then
    count(told, before, -1)
    remember_year(told, before, false)
  end
  if not row.void then
    count(told, row, 1)
    remember_year(told, row, true)
  end
  local counted = text(row.answers.product) and counted_after(row, before, corrected) or nil
  local standing = standing_after(row, before, corrected)
  if standing then
    if standing.prev then standing.prev.counted = nil end
    standing.counted = counted
    if standing ~= row then remember_year(told, standing, true) end
  end
  told.last[row.subject] = standing or false
  if row.subject ~= row.kind then know(told, row.subject, standing or false) end
end

-- Everything that follows from the rows of one entry of the ledger; `rebuild` tells the whole ledger again.
local function tell(told, rows)
  local subjects, kind, latest = {}, rows[1].kind, rows[#rows]
  for i, row in ipairs(rows) do
    row.subject = subject_of(kind, row.answers)
    subjects[i] = row.subject
  end
  read_last(told, subjects)
  local said = last_said(told, kind)
  for _, row in ipairs(rows) do tell_row(told, row) end
  if latest.void or latest.at < said then latest = newest(told, kind) end
  know(told, kind, latest)
  told.said[kind] = latest and latest.at or 0
end

-- Sets and unsets fields of a hash; each value a string, or false.
local function write_hash(key, fields, encode)
  local set, unset = {}, {}
  for field, value in pairs(fields) do
    if value then
      set[#set + 1] = field
      set[#set + 1] = encode and encode(value) or value
    else
      unset[#unset + 1] = field
    end
  end
  if #set > 0 then redis.call('HSET', key, unpack(set)) end
  if #unset > 0 then redis.call('HDEL', key, unpack(unset)) end
end

-- Adds to the fields of a hash; what comes to nothing is not there.
local function write_sums(key, sums)
  local fields, fresh = {}, {}
  for field, sum in pairs(sums) do
    if sum ~= 0 then fields[#fields + 1] = field end
  end
  if #fields == 0 then return end
  for i, held in ipairs(redis.call('HMGET', key, unpack(fields))) do
    local sum = tonumber(held or 0) + sums[fields[i]]
    fresh[fields[i]] = sum ~= 0 and string.format('%d', sum)
  end
  write_hash(key, fresh)
end

local function write_day(keys, day, found)
  local month = keys.counts .. string.sub(day, 1, 6)
  write_sums(month, found.sums)
  write_sums(month, found.late)
  if not found.there then return end
  write_sums(keys.counts .. day, found.sums)
  write_sums(keys.days .. day, found.who)
  redis.call('EXPIRE', keys.counts .. day, keys.day_kept, 'NX')
  redis.call('EXPIRE', keys.days .. day, keys.day_kept, 'NX')
end

local function write(told)
  write_hash(told.keys.last, told.last, function(row) return cjson.encode(short(row)) end)
  write_hash(told.keys.known, told.known)
  join_weeks(told)
  for key, year in pairs(told.years) do write_hash(key, year) end
  for day, found in pairs(told.days) do write_day(told.keys, day, found) end
end

-- The row that a new one corrects: the one it says, the one of the same day, or the one said earlier in the same conversation.
local function corrected_by(told, record, subject)
  local before = told.last[subject]
  if not before then return '' end
  local same_day = record.once == 'day' and before.day == record.day
  if record.corrects or same_day or before.conversation == record.conversation then return before.id end
  return ''
end

local function write_rows(told, record)
  local keys, subjects, corrects, rows = told.keys, {}, {}, {}
  for i, answers in ipairs(record.rows) do subjects[i] = subject_of(record.kind, answers) end
  read_last(told, subjects)
  last_said(told, record.kind)
  if record.kind == 'stock' then week_of(told, record) end
  for i, subject in ipairs(subjects) do corrects[i] = corrected_by(told, record, subject) end
  local xid = redis.call('XADD', keys.ledger, '*', 'entry', record.entry, 'answers', record.told,
    'corrects', table.concat(corrects, ' '))
  redis.call('SADD', keys.months, record.month)
  for i, answers in ipairs(record.rows) do
    rows[i] = { kind = record.kind, answers = answers, corrects = corrects[i], at = record.at, day = record.day,
      yday = record.yday, week = record.week, unit = record.unit, conversation = record.conversation, msisdn = record.msisdn,
      void = record.void, id = table.concat({ xid, record.month, keys.shard, i - 1 }, '-') }
  end
  tell(told, rows)
end

-- Into its lane, as outbox.lua reads them; what is grouped waits in the group of its recipient.
local function write_message(keys, message)
  local key, lane = keys.messages .. message.id, message.lane or ''
  if redis.call('EXISTS', key) == 1 then return end
  redis.call('HSET', key, 'message', message.body, 'state', 'queued', 'attempts', 0, 'made', message.made)
  if lane ~= '' then redis.call('HSET', key, 'lane', lane) end
  if lane == ':grouped' then
    redis.call('SADD', keys.group .. message.to, message.id)
    redis.call('ZADD', keys.due .. lane, 'LT', message.due, message.to)
  else
    redis.call('ZADD', keys.due .. lane, message.due, message.id)
  end
  redis.call('ZADD', keys.outbox, message.made, message.id)
end

-- An alert is `open`, `acknowledged` or `resolved`; of a contact and a subject one at a time is not resolved.
local function note(names, number, at, what, who)
  redis.call('RPUSH', names.alert .. number .. ':log', cjson.encode({ at = tonumber(at), what = what, who = who or '' }))
end

local function resolve(names, number, at, by, name)
  local key = names.alert .. number
  local held = redis.call('HMGET', key, 'state', 'subject', 'msisdn', 'told', 'supervisor')
  if not held[1] or held[1] == 'resolved' then return held[1] or '' end
  redis.call('HSET', key, 'state', 'resolved', 'resolved', at, 'resolved_by', by, 'resolved_name', name,
    'paused', held[1], 'due', redis.call('ZSCORE', names.next, number) or '')
  if by == held[3] then redis.call('HSET', names.ended .. held[3], held[2], number) end
  redis.call('ZREM', names.open, number)
  redis.call('ZREM', names.next, number)
  redis.call('HDEL', names.of .. held[3], held[2])
  for who in string.gmatch(held[4] .. ' ' .. held[5], '%S+') do redis.call('SREM', names.held .. who, number) end
  note(names, number, at, 'resolved', by)
  return 'done'
end

local function open_alert(names, op)
  local number = redis.call('INCR', names.count) * names.shards + names.shard
  redis.call('HSET', names.alert .. number, 'number', number, 'kind', op.kind, 'subject', op.subject, 'msisdn', op.msisdn,
    'name', op.name, 'unit', op.unit, 'path', op.path, 'supervisor', op.supervisor, 'urgent', op.urgent and 1 or 0,
    'values', op.values, 'opened', op.at, 'state', 'open', 'step', 0, 'level', -1, 'holder', '', 'told', '', 'heard', '', 'round', 0)
  redis.call('HSET', names.of .. op.msisdn, op.subject, number)
  redis.call('ZADD', names.alerts, op.at, number)
  redis.call('ZADD', names.open, op.at, number)
  if op.supervisor ~= '' then redis.call('SADD', names.held .. op.supervisor, number) end
  return number
end

-- What her own report ended goes on as it was, and when it was to be told further stays as it was: soon after (`calm`),
-- or when that very report is taken back (`undoes`). Its number, or nil.
local function reopen(names, op)
  local number = redis.call('HGET', names.ended .. op.msisdn, op.subject)
  if not number then return nil end
  local key = names.alert .. number
  local held = redis.call('HMGET', key, 'state', 'resolved', 'paused', 'due', 'heard', 'unsaid', 'told', 'supervisor', 'opened')
  local ended, mine = tonumber(held[2] or 0), false
  local undoes, calm = op.undoes or 0, op.calm or 0
  if undoes > 0 then mine = ended == undoes else mine = calm > 0 and op.at >= ended and op.at - ended <= calm end
  if held[1] ~= 'resolved' or not mine then return nil end
  local state, due = held[3] or 'open', held[4] or ''
  redis.call('HDEL', key, 'resolved', 'resolved_by', 'resolved_name', 'paused', 'due', 'unsaid')
  redis.call('HSET', key, 'state', state, 'values', op.values)
  if state == 'open' and (held[5] == '' or held[6]) then
    -- Nobody has heard of it yet.
    redis.call('HSET', key, 'step', 0, 'heard', '')
    redis.call('HINCRBY', key, 'round', 1)
    due = op.at
  end
  redis.call('HSET', names.of .. op.msisdn, op.subject, number)
  redis.call('ZADD', names.open, held[9], number)
  if state == 'open' and due ~= '' then redis.call('ZADD', names.next, due, number) end
  for who in string.gmatch(held[7] .. ' ' .. held[8], '%S+') do redis.call('SADD', names.held .. who, number) end
  redis.call('HDEL', names.ended .. op.msisdn, op.subject)
  note(names, number, op.at, 'reopened', op.msisdn)
  return tonumber(number)
end

-- What is open already stays as it is, unless it is to be told again with what was said now.
local function raise(names, op)
  local number = redis.call('HGET', names.of .. op.msisdn, op.subject)
  if number and not op.again then return tonumber(number) end
  local standing = not number and reopen(names, op)
  if standing or (op.undoes or 0) > 0 then return standing or tonumber(number) or 0 end
  if number then
    redis.call('HSET', names.alert .. number, 'values', op.values, 'state', 'open', 'step', 0, 'heard', '', 'bounced', '')
    redis.call('HINCRBY', names.alert .. number, 'round', 1)
  else
    number = open_alert(names, op)
  end
  redis.call('ZADD', names.next, op.at, number)
  note(names, number, op.at, 'raised', op.msisdn)
  return tonumber(number)
end

-- What the rules made of a step's rows: causes that have ended, then what is wrong now.
local function judged(names, step)
  local open = step.cleared and hash(names.of .. step.msisdn) or {}
  for _, subject in ipairs(step.cleared or {}) do
    if open[subject] then resolve(names, open[subject], step.records[1].at, step.msisdn, '') end
  end
  for _, op in ipairs(step.alerts or {}) do raise(names, op) end
end

-- `n` counts what becomes of a conversation, and outlives it a while: one begun again is not taken for it.
local function keep_draft(keys, draft)
  if draft then
    redis.call('HSET', keys.draft, 'draft', draft.body)
    redis.call('PERSIST', keys.draft)
    redis.call('ZADD', keys.drafts, draft.expires, keys.msisdn)
  elseif redis.call('HDEL', keys.draft, 'draft') == 1 then
    redis.call('PEXPIRE', keys.draft, keys.session_life)
    redis.call('ZREM', keys.drafts, keys.msisdn)
  else
    return
  end
  redis.call('HINCRBY', keys.draft, 'n', 1)
end

-- A contact goes on under another number: what follows from the ledger leaves one shard and arrives in the other, and
-- each shard's ledger says so, so that it can be told again by itself. What was counted of units stays where it was said.

-- Takes it away: {last, years, days}, the days as `checkin` → how often.
local function depart(keys, msisdn, years, days)
  local gone = { last = hash(keys.last), years = {}, days = {} }
  for _, year in ipairs(years) do
    local found = hash(keys.years .. year)
    if next(found) then gone.years[year] = found end
    redis.call('DEL', keys.years .. year)
  end
  for _, day in ipairs(days) do
    for field, often in pairs(hash(keys.days .. day)) do
      local kind, who = string.match(field, '^([^:]+):(.+)$')
      if who == msisdn then
        gone.days[day] = gone.days[day] or {}
        gone.days[day][kind] = often
        redis.call('HDEL', keys.days .. day, field)
      end
    end
  end
  redis.call('DEL', keys.last, keys.known)
  return gone
end

-- The counts of a product that two numbers told, as one list.
local function counted_together(mine, other)
  local counted = {}
  for _, list in ipairs({ mine or {}, other or {} }) do
    for _, one in ipairs(list) do counted[#counted + 1] = one end
  end
  table.sort(counted, function(a, b) return a[1] < b[1] end)
  local newest = #counted > 0 and counted[#counted][1]
  while #counted > 0 and (counted[1][1] < newest - LOOK_BACK or #counted > MOST_COUNTED) do table.remove(counted, 1) end
  return #counted > 0 and counted or nil
end

-- Of what two numbers said of one subject, the latest stands, and the one before it behind it.
local function standing_of(mine, other)
  if not mine then return other end
  local counted, rows = counted_together(mine.counted, other.counted), {}
  for _, row in ipairs({ mine, other }) do
    rows[#rows + 1] = row
    if row.prev then rows[#rows + 1] = row.prev end
  end
  table.sort(rows, function(a, b) return a.at > b.at or (a.at == b.at and a.id > b.id) end)
  for _, row in ipairs(rows) do row.prev, row.counted = nil, nil end
  rows[1].prev, rows[1].counted = rows[2], counted
  return rows[1]
end

-- A week of stock that two numbers told: the quantities of the one that stays go before.
local function week_together(mine, other)
  local held, kept = {}, {}
  for product, quantity in string.gmatch(mine, '([^%s=]+)=(%S+)') do held[product] = quantity end
  for product, quantity in string.gmatch(other, '([^%s=]+)=(%S+)') do
    if not held[product] then kept[#kept + 1] = product .. '=' .. quantity end
  end
  kept[#kept + 1] = mine
  return table.concat(kept, ' ')
end

local function arrive_years(told, years)
  for year, fields in pairs(years) do
    local key = told.keys.years .. year
    for field, value in pairs(fields) do
      local held = year_of(told, key, field)
      if not held[field] then held[field] = value
      elseif string.sub(field, 1, 1) == 's' then held[field] = week_together(held[field], value) end
    end
  end
end

-- Puts it beside what the new number said itself.
local function arrive(keys, msisdn, gone)
  local told, subjects, kinds = gather(keys), {}, {}
  for subject in pairs(gone.last) do subjects[#subjects + 1] = subject end
  read_last(told, subjects)
  for subject, said in pairs(gone.last) do
    local row = read_standing(subject, msisdn, said)
    told.last[subject], kinds[row.kind] = standing_of(told.last[subject], row), true
    if subject ~= row.kind then know(told, subject, told.last[subject]) end
  end
  for kind in pairs(kinds) do know(told, kind, newest(told, kind)) end
  arrive_years(told, gone.years)
  write(told)
  for day, kinds_said in pairs(gone.days) do
    for kind, often in pairs(kinds_said) do redis.call('HINCRBY', keys.days .. day, kind .. ':' .. msisdn, often) end
    redis.call('EXPIRE', keys.days .. day, keys.day_kept, 'NX')
  end
end

-- Her open alerts out of this shard; what is left of each answers for its number.
local function alerts_out(names, msisdn)
  local found = {}
  for _, number in pairs(hash(names.of .. msisdn)) do
    local key = names.alert .. number
    local alert = hash(key)
    if alert.state then
      found[#found + 1] = { fields = alert, due = redis.call('ZSCORE', names.next, number) or '',
        log = redis.call('LRANGE', key .. ':log', 0, -1) }
      redis.call('HSET', key, 'state', 'moved')
      for who in string.gmatch(alert.told .. ' ' .. alert.supervisor, '%S+') do
        redis.call('SREM', names.held .. who, number)
      end
    end
    for _, index in ipairs({ names.alerts, names.open, names.next }) do redis.call('ZREM', index, number) end
  end
  redis.call('DEL', names.of .. msisdn, names.ended .. msisdn)
  return found
end

-- Into this one, each under a new number: {old, new}. One that is open here of the same subject stands for both.
local function alert_in(names, order, one)
  local fields = one.fields
  local old, held = fields.number, redis.call('HGET', names.of .. order.to, fields.subject)
  if held then return { old, held } end
  local number = tostring(redis.call('INCR', names.count) * names.shards + names.shard)
  local key = names.alert .. number
  fields.origin, fields.number, fields.msisdn = fields.origin or old, number, order.to
  for name, value in pairs(fields) do redis.call('HSET', key, name, value) end
  redis.call('HSET', names.of .. order.to, fields.subject, number)
  redis.call('ZADD', names.alerts, fields.opened, number)
  redis.call('ZADD', names.open, fields.opened, number)
  if one.due ~= '' then redis.call('ZADD', names.next, one.due, number) end
  for who in string.gmatch(fields.told .. ' ' .. fields.supervisor, '%S+') do redis.call('SADD', names.held .. who, number) end
  for _, line in ipairs(one.log) do redis.call('RPUSH', key .. ':log', line) end
  note(names, number, order.at, 'moved', order.from)
  return { old, number }
end

local function alerts_in(names, order, alerts)
  local numbers = {}
  for i, one in ipairs(alerts) do numbers[i] = alert_in(names, order, one) end
  -- Who is on the roster asks no more to join it.
  local asked = redis.call('HGET', names.of .. order.to, 'newcomer')
  if asked then resolve(names, asked, order.at, order.by, order.by) end
  return numbers
end

-- What she is invited to under either number.
local function invited_together(mine, other)
  if not text(mine) or not text(other) then return text(mine) and mine or other or '' end
  local function list(held)
    local found = cjson.decode(held)
    return found.id and { found } or found
  end
  local kept, seen = list(mine), {}
  for _, one in ipairs(kept) do seen[one.id] = true end
  for _, one in ipairs(list(other)) do
    if not seen[one.id] then kept[#kept + 1] = one end
  end
  return cjson.encode(kept)
end

-- Of two sets of fields, those of the roster; what is empty there, of the other. Who said STOP under one number said it.
local function contact_together(mine, other, order)
  local base, rest = mine, other
  if not text(mine.role) then base, rest = other, mine end
  local kept = {}
  for name, value in pairs(rest) do kept[name] = value end
  for name, value in pairs(base) do
    if value ~= '' or not kept[name] then kept[name] = value end
  end
  if mine.stopped == '1' or other.stopped == '1' then kept.stopped = '1' end
  if mine.active == '1' or other.active == '1' then kept.active = '1' end
  kept.training = invited_together(base.training, rest.training)
  local was, left = joined(mine.was or '', ' ', other.was), order.from .. '@' .. string.format('%d', order.at)
  -- What follows late is the same departure.
  if not string.find(was .. ' ', left .. ' ', 1, true) then was = was .. ' ' .. left end
  kept.was = string.gsub(was, '^%s+', '')
  return kept
end

local function draft_out(keys, msisdn)
  local body, expires = redis.call('HGET', keys.draft, 'draft'), redis.call('ZSCORE', keys.drafts, msisdn)
  keep_draft({ draft = keys.draft, drafts = keys.drafts, msisdn = msisdn, session_life = keys.session_life })
  return body and { body = body, expires = expires or 0 } or nil
end

local function write_move(keys, side, order, more)
  local told = { side = side, id = order.id, from = order.from, to = order.to, at = order.at }
  for name, value in pairs(more) do told[name] = value end
  redis.call('XADD', keys.ledger, '*', 'moved', cjson.encode(told))
  redis.call('SADD', keys.months, order.month)
end

-- Whether the old number said anything since it was left, in a call that was under way: who asks to join is another.
local function said_since(keys)
  local draft = redis.call('HGET', keys.draft, 'draft')
  if draft and cjson.decode(draft).pin.contact.role then return true end
  for _, subject in ipairs(redis.call('HKEYS', keys.last)) do
    if subject ~= 'registration' then return true end
  end
  return false
end

-- KEYS: any key of the shard. ARGV: the move, and the names of its keys, as JSON documents. All that is hers leaves, in
-- one piece: what is carried, as JSON, the same a second time; '' when there is nothing (or no longer) to carry.
local function move_out(_, args)
  local order, keys = cjson.decode(args[1]), cjson.decode(args[2])
  local left = redis.call('HMGET', keys.left, 'id', 'carried')
  if left[1] == order.id then return left[2] or '' end
  local contact = hash(keys.contact)
  if order.late and (contact.role or not said_since(keys)) then return '' end
  if not order.late and not contact.role then return '' end
  local carried = { contact = contact, gone = depart(keys, order.from, order.years, order.days),
    draft = draft_out(keys, order.from), alerts = alerts_out(keys.alerts, order.from),
    team = redis.call('SMEMBERS', keys.team), polls = {} }
  for _, poll in ipairs(order.polls) do
    carried.polls[poll] = redis.call('HGET', keys.polls .. poll, order.from) or nil
    redis.call('HDEL', keys.polls .. poll, order.from)
  end
  write_move(keys, 'out', order, { years = order.years, days = order.days })
  redis.call('DEL', keys.contact, keys.team)
  redis.call('SREM', keys.contacts, order.from)
  redis.call('SREM', keys.leaders, order.from)
  local body = cjson.encode(carried)
  redis.call('HSET', keys.left, 'id', order.id, 'to', order.to, 'at', order.at, 'carried', body)
  return body
end

-- KEYS: any key of the shard. ARGV: the move, the names of its keys, what is carried. It arrives, once: the numbers of
-- her alerts as JSON, [[old, new]].
local function move_in(_, args)
  local order, keys, carried = cjson.decode(args[1]), cjson.decode(args[2]), cjson.decode(args[3])
  local came = redis.call('HGET', keys.came, order.id)
  if came then return came end
  local kept = contact_together(hash(keys.contact), carried.contact, order)
  arrive(keys, order.to, carried.gone)
  write_move(keys, 'in', order, { gone = carried.gone })
  for name, value in pairs(kept) do redis.call('HSET', keys.contact, name, value) end
  if text(kept.role) then
    redis.call('SADD', keys.contacts, order.to)
    redis.call(kept.role ~= 'asc' and 'SADD' or 'SREM', keys.leaders, order.to)
  end
  if carried.draft and not redis.call('HGET', keys.draft, 'draft') then
    keep_draft({ draft = keys.draft, drafts = keys.drafts, msisdn = order.to, session_life = keys.session_life }, carried.draft)
  end
  for poll, said in pairs(carried.polls) do redis.call('HSETNX', keys.polls .. poll, order.to, said) end
  local numbers = cjson.encode(alerts_in(keys.alerts, order, carried.alerts))
  redis.call('HSET', keys.came, order.id, numbers)
  return numbers
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

-- A function that fails halfway is not undone: a key that is not of its kind is met here, before the first write.
local function touch(keys, step)
  local hashes, record = { keys.draft }, step.records and step.records[1]
  if step.session then hashes[#hashes + 1] = keys.session end
  if step.changes then hashes[#hashes + 1] = keys.contact end
  if record then
    for _, key in ipairs({ keys.last, keys.known, keys.counts .. record.day, keys.counts .. record.month,
      keys.days .. record.day, keys.years .. string.sub(record.day, 1, 4) }) do hashes[#hashes + 1] = key end
    redis.call('XLEN', keys.ledger)
    redis.call('SCARD', keys.months)
  end
  if keys.poll then hashes[#hashes + 1] = keys.poll end
  if keys.alerts then
    hashes[#hashes + 1] = keys.alerts.of .. step.msisdn
    for _, key in ipairs({ keys.alerts.alerts, keys.alerts.open, keys.alerts.next }) do redis.call('ZCARD', key) end
  end
  for _, key in ipairs(hashes) do redis.call('HLEN', key) end
  redis.call('ZCARD', keys.drafts)
  if step.messages then
    for _, message in ipairs(step.messages) do redis.call('ZCARD', keys.due .. (message.lane or '')) end
    redis.call('ZCARD', keys.outbox)
  end
end

-- KEYS: any key of the shard. ARGV: the step and the names of its keys, as JSON documents.
-- Answers {'first', reply}, {'again', the first reply}, or {'moved'} when the conversation went on meanwhile.
local function commit(_, args)
  local step = cjson.decode(args[1])
  local keys = cjson.decode(args[2])
  local before = redis.call('GET', keys.seen)
  if before then return { 'again', before } end
  if step.expects and (redis.call('HGET', keys.draft, 'n') or '0') ~= step.expects then return { 'moved' } end
  touch(keys, step)
  if step.records then
    local told = gather(keys)
    for _, record in ipairs(step.records) do write_rows(told, record) end
    write(told)
  end
  for name, value in pairs(step.changes or {}) do redis.call('HSET', keys.contact, name, value) end
  if keys.poll then redis.call('HSET', keys.poll, keys.msisdn, step.polled.said) end
  for _, message in ipairs(step.messages or {}) do write_message(keys, message) end
  if keys.alerts then judged(keys.alerts, step) end
  if step.session then
    redis.call('HSET', keys.session, 'said', step.said or '', 'over', step.over and 1 or 0)
    redis.call('PEXPIRE', keys.session, keys.session_life)
  end
  if not step.aside then keep_draft(keys, step.draft) end
  redis.call('SET', keys.seen, step.reply, 'EX', keys.seen_for)
  return { 'first', step.reply }
end

-- KEYS: session, draft, drafts. ARGV: transcript, draft ('-' leaves the one there is), when it becomes a partial
-- report, msisdn, life (ms). Written behind the reply: where she is, so that she can be taken up there.
local function follow(keys, args)
  local state = redis.call('HGET', keys[1], 'over')
  if state == '1' or redis.call('EXISTS', keys[1]) == 0 then return 0 end
  redis.call('HSET', keys[1], 'said', args[1])
  if args[2] ~= '-' then
    local draft = args[2] ~= '' and { body = args[2], expires = args[3] } or nil
    keep_draft({ draft = keys[2], drafts = keys[3], msisdn = args[4], session_life = args[5] }, draft)
  end
  return 1
end

-- KEYS: draft, drafts. ARGV: msisdn. Waits no more for what is not there: a backup may hold the one without the other.
local function settled(keys, args)
  if redis.call('HEXISTS', keys[1], 'draft') == 1 then return 0 end
  return redis.call('ZREM', keys[2], args[1])
end

-- KEYS: releases. ARGV: the current number as the caller knows it, the new release. Its number, or 0 when another came first.
local function publish(keys, args)
  local current = redis.call('HGET', keys[1], 'current') or '0'
  if current ~= args[1] then return 0 end
  local number = tonumber(current) + 1
  redis.call('HSET', keys[1], number, args[2], 'current', number)
  return number
end

-- KEYS: any key of the shard. ARGV: a JSON document of names that are new, and of keys and rows. The ledger told again,
-- under other names.
local function replay(_, args)
  local again = cjson.decode(args[1])
  for _, key in ipairs(again.fresh) do redis.call('DEL', key) end
  for _, entry in ipairs(again.told) do
    if entry.moved and entry.moved.side == 'out' then
      depart(entry.keys, entry.moved.from, entry.moved.years, entry.moved.days)
    elseif entry.moved then
      arrive(entry.keys, entry.moved.to, entry.moved.gone)
    else
      local told = gather(entry.keys)
      tell(told, entry.rows)
      write(told)
    end
  end
  return #again.told
end

-- KEYS: any key of the shard. ARGV: what is raised, and the names of its keys, as JSON documents. Its number.
local function raise_alert(_, args) return raise(cjson.decode(args[2]), cjson.decode(args[1])) end

-- KEYS: any key of the shard. ARGV: number, when, who, her name, the names of its keys. `done`, its state, or '' when there is none.
local function end_alert(_, args) return resolve(cjson.decode(args[5]), args[1], args[2], args[3], args[4]) end

redis.register_function('k_alert_raise', raise_alert)
redis.register_function('k_alert_end', end_alert)
redis.register_function('k_move_out', move_out)
redis.register_function('k_move_in', move_in)
redis.register_function('k_open', open)
redis.register_function('k_look', look)
redis.register_function('k_commit', commit)
redis.register_function('k_follow', follow)
redis.register_function('k_settled', settled)
redis.register_function('k_publish', publish)
redis.register_function('k_replay', replay)

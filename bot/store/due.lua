#!lua name=kunnafoni_due
-- The roster as reminders see it, read many at a time, and what people are invited to.

local function plain(values)
  for i = 1, #values do values[i] = values[i] or '' end
  return values
end

local NEEDED = { 'active', 'stopped', 'role', 'path', 'products', 'training', 'reminded', 'told_checkin', 'told_stock' }
local ALL = { 'active', 'stopped', 'role', 'path', 'products', 'training', 'reminded', 'told_checkin', 'told_stock',
  'name', 'language', 'org_unit', 'unit_name', 'supervisor' }

-- KEYS: any key of the shard. ARGV: '1' leaves out who is not active or said STOP, '1' reads all that the roster says
-- and not only what reminders need, prefixes of the keys of contacts, known and messages, the subjects wanted, the stems
-- of message ids wanted (both joined by a blank), then numbers. One row a contact, as MessagePack: what the roster says,
-- what she said, when each message was made.
local function roster(_, args)
  local subjects, stems, rows = {}, {}, {}
  local fields = args[2] == '1' and ALL or NEEDED
  for subject in string.gmatch(args[6], '%S+') do subjects[#subjects + 1] = subject end
  for stem in string.gmatch(args[7], '%S+') do stems[#stems + 1] = stem end
  for i = 8, #args do
    local number = args[i]
    local contact = redis.call('HMGET', args[3] .. number, unpack(fields))
    if contact[3] and (args[1] ~= '1' or (contact[1] == '1' and contact[2] ~= '1')) then
      local said, made = {}, {}
      if #subjects > 0 then said = plain(redis.call('HMGET', args[4] .. number, unpack(subjects))) end
      for j, stem in ipairs(stems) do
        made[j] = redis.call('HGET', args[5] .. stem .. number, 'made') or ''
      end
      rows[#rows + 1] = { number, plain(contact), said, made }
    end
  end
  return cmsgpack.pack(rows)
end

-- KEYS: any key of the shard. ARGV: prefix of the days' hashes, a kind of report, then days. Who said that kind on which
-- of these days: their places in the list by number, as MessagePack.
local function diary(_, args)
  local found, head = {}, args[2] .. ':'
  for i = 3, #args do
    for _, field in ipairs(redis.call('HKEYS', args[1] .. args[i])) do
      if string.sub(field, 1, #head) == head then
        local number = string.sub(field, #head + 1)
        local places = found[number] or {}
        places[#places + 1], found[number] = i - 3, places
      end
    end
  end
  return next(found) and cmsgpack.pack(found) or ''
end

-- What somebody is invited to: a list of sessions, or a single one.
local function invitations(key)
  local held = redis.call('HGET', key, 'training')
  if not held or held == '' then return {} end
  local list = cjson.decode(held)
  if list.id then list = { list } end
  return list
end

local function keep(key, list)
  redis.call('HSET', key, 'training', #list > 0 and cjson.encode(list) or '')
end

-- KEYS: contact. ARGV: the session as JSON, '1' when it only changes the invitation there is, the day before which old
-- sessions are forgotten. Whether she is invited anew.
local function invite(keys, args)
  if redis.call('HEXISTS', keys[1], 'role') == 0 then return 0 end
  local session, kept, found = cjson.decode(args[1]), {}, false
  for _, one in ipairs(invitations(keys[1])) do
    if one.id == session.id then
      session.invited, session.attended, found = one.invited, one.attended, true
    elseif (one.ends or one.date) >= args[3] then
      kept[#kept + 1] = one
    end
  end
  if args[2] == '1' and not found then return 0 end
  kept[#kept + 1] = session
  keep(keys[1], kept)
  return found and 0 or 1
end

-- KEYS: contact. ARGV: session id, 'yes' or 'no'. Whether she was invited to it.
local function attend(keys, args)
  local list = invitations(keys[1])
  for _, one in ipairs(list) do
    if one.id == args[1] then
      one.attended = args[2]
      keep(keys[1], list)
      return 1
    end
  end
  return 0
end

redis.register_function('k_roster', roster)
redis.register_function('k_diary', diary)
redis.register_function('k_invite', invite)
redis.register_function('k_attend', attend)

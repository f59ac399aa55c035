#!lua name=kunnafoni_privacy
-- Words taken out of what is otherwise never changed. A key is written anew beside itself and put in its own place at
-- the end, so that whoever reads sees it before or after, and an error on the way leaves it as it was.

local function replaced(text, from, to)
  local out, at = {}, 1
  while true do
    local first, last = string.find(text, from, at, true)
    if not first then break end
    out[#out + 1] = string.sub(text, at, first - 1) .. to
    at = last + 1
  end
  return table.concat(out) .. string.sub(text, at)
end

-- KEYS: a stream, a name for its new self. ARGV: fields by entry id, as JSON. The same entries under the same ids,
-- with these fields in place of theirs; how many.
local function reword(keys, args)
  local words, many = cjson.decode(args[1]), 0
  redis.call('DEL', keys[2])
  for _, told in ipairs(redis.call('XRANGE', keys[1], '-', '+')) do
    local fields, other = told[2], words[told[1]] or {}
    for i = 1, #fields, 2 do fields[i + 1] = other[fields[i]] or fields[i + 1] end
    redis.call('XADD', keys[2], told[1], unpack(fields))
    many = many + 1
  end
  if many > 0 then redis.call('RENAME', keys[2], keys[1]) end
  return many
end

-- KEYS: a key of any kind but a stream, and its name from now on. ARGV: from, to. The one in place of the other, wherever it stands.
local function recode(keys, args)
  local kind = redis.call('TYPE', keys[1]).ok
  if kind == 'hash' then
    local flat = redis.call('HGETALL', keys[1])
    for i = 1, #flat, 2 do
      local field, value = replaced(flat[i], args[1], args[2]), replaced(flat[i + 1], args[1], args[2])
      if field ~= flat[i] then redis.call('HDEL', keys[1], flat[i]) end
      if field ~= flat[i] or value ~= flat[i + 1] then redis.call('HSET', keys[1], field, value) end
    end
  elseif kind == 'set' then
    for _, member in ipairs(redis.call('SMEMBERS', keys[1])) do
      local other = replaced(member, args[1], args[2])
      if other ~= member then redis.call('SREM', keys[1], member); redis.call('SADD', keys[1], other) end
    end
  elseif kind == 'list' then
    for i, one in ipairs(redis.call('LRANGE', keys[1], 0, -1)) do
      local other = replaced(one, args[1], args[2])
      if other ~= one then redis.call('LSET', keys[1], i - 1, other) end
    end
  elseif kind == 'string' then
    local one = redis.call('GET', keys[1])
    local other = replaced(one, args[1], args[2])
    if other ~= one then redis.call('SET', keys[1], other, 'KEEPTTL') end
  elseif kind == 'zset' then
    local flat = redis.call('ZRANGE', keys[1], 0, -1, 'WITHSCORES')
    for i = 1, #flat, 2 do
      local other = replaced(flat[i], args[1], args[2])
      if other ~= flat[i] then redis.call('ZREM', keys[1], flat[i]); redis.call('ZADD', keys[1], flat[i + 1], other) end
    end
  end
  if keys[2] ~= keys[1] then redis.call('RENAME', keys[1], keys[2]) end
  return kind
end

redis.register_function('k_reword', reword)
redis.register_function('k_recode', recode)

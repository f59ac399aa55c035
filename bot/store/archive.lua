#!lua name=kunnafoni_archive
-- What is in an archive file leaves the store, if it still is what the file says: byte for byte, by its SHA-1.

local function digest(parts) return redis.sha1hex(table.concat(parts, '\0')) end

-- KEYS: a stream, what was archived. ARGV: field, the last entry's id, the least id that stays, digest, how many.
-- The first entries up to that one go; 0 when they are not the same any more. The stream remembers its last id.
local function put_away(keys, args)
  local parts, many = {}, 0
  for _, told in ipairs(redis.call('XRANGE', keys[1], '-', args[2])) do
    parts[#parts + 1] = told[1]
    for _, part in ipairs(told[2]) do parts[#parts + 1] = part end
    many = many + 1
  end
  if many ~= tonumber(args[5]) or digest(parts) ~= args[4] then return 0 end
  redis.call('XTRIM', keys[1], 'MINID', '=', args[3])
  redis.call('HSET', keys[2], args[1], args[2])
  return 1
end

-- Of parts in no order: the five words of their SHA-1s added up. Lua sorts by the locale that the server was started in.
local function blend(parts)
  local sums = { 0, 0, 0, 0, 0 }
  for _, part in ipairs(parts) do
    local one = redis.sha1hex(part)
    for i = 1, 5 do sums[i] = (sums[i] + tonumber(string.sub(one, 8 * i - 7, 8 * i), 16)) % 4294967296 end
  end
  return string.format('%08x%08x%08x%08x%08x', unpack(sums))
end

-- A hash, whatever the order of its fields, and the list beside it.
local function whole(key, beside)
  local flat, pairs_of = redis.call('HGETALL', key), {}
  for i = 1, #flat, 2 do pairs_of[#pairs_of + 1] = flat[i] .. '\0' .. flat[i + 1] end
  local parts = { blend(pairs_of) }
  if beside then
    for _, one in ipairs(redis.call('LRANGE', beside, 0, -1)) do parts[#parts + 1] = one end
  end
  return digest(parts)
end

-- KEYS: an index, what was archived. ARGV: field, prefix, suffix of the list beside ('' none), then id and digest of each.
-- Those that are still the same go; how many.
local function put_away_things(keys, args)
  local many = 0
  for i = 4, #args, 2 do
    local key = args[2] .. args[i]
    local beside = args[3] ~= '' and key .. args[3] or nil
    if whole(key, beside) == args[i + 1] then
      redis.call('DEL', key)
      if beside then redis.call('DEL', beside) end
      redis.call('ZREM', keys[1], args[i])
      many = many + 1
    end
  end
  if many > 0 then redis.call('HINCRBY', keys[2], args[1], many) end
  return many
end

-- KEYS: counts, where they are packed. ARGV: digests of both as they were read, the two of them packed.
local function pack(keys, args)
  if whole(keys[1]) ~= args[1] or digest({ redis.call('GET', keys[2]) or '' }) ~= args[2] then return 0 end
  local ends = redis.call('PEXPIRETIME', keys[1])
  local first = redis.call('EXISTS', keys[2]) == 0
  redis.call('SET', keys[2], args[3], 'KEEPTTL')
  if first and ends > 0 then redis.call('PEXPIREAT', keys[2], ends) end
  redis.call('DEL', keys[1])
  return 1
end

redis.register_function('k_pack', pack)
redis.register_function('k_put_away', put_away)
redis.register_function('k_put_away_things', put_away_things)

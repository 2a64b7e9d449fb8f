-- Writes what was decided about a session, if it is still as it was when it was read; decides nothing itself.
-- args: expect, the version that was read (empty: there was none); history, where it has to be looked at again;
-- begins, the epoch of a session that comes into being; makes_room, where it has to work with a full memory;
-- first, live and header: the offset of the first frame, and where and how the frames are published; give, where the records are wanted.
-- Redis refuses only the first write of a script when its memory is full, so that a refused one has changed nothing:
-- that is XADD or HSET, or else one that it never refuses.
local version = unpack(redis.call('HMGET', key.meta, 'version'))
if (version or '') ~= args.expect or (args.history and args.history ~= history())
  or (args.begins and redis.call('GET', key.gone) == args.begins) then
  return found('conflict')
end

if args.makes_room then
  redis.call('HDEL', key.meta, '')
end
for i, frame in ipairs(frames) do
  redis.call('XADD', key.log, int(args.first + i - 1) .. '-0', 'f', frame)
end

-- Each change is named: command, key (or channel), field.
local sets, others = {}, {}
for _, change in ipairs(changes) do
  local command, where, field = string.match(change.name, '^(%S+) (%S+) ?(.*)$')
  if command == 'HSET' then
    local set = sets[where] or {}
    set[#set + 1], set[#set + 2] = field, change.value
    sets[where] = set
  else
    others[#others + 1] = { command = command, where = key[where] or where, field = field, value = change.value }
  end
end
for where, set in pairs(sets) do
  redis.call('HSET', key[where], unpack(set))
end
for _, change in ipairs(others) do
  if change.command == 'HDEL' then
    redis.call('HDEL', change.where, change.field)
  elseif change.command == 'DEL' then
    redis.call('DEL', change.where)
  elseif change.command == 'keep' then
    -- An attachment that a message names, from those that were uploaded; the value is the number of its parts.
    local size = redis.call('HGET', key.uploads, change.field .. '/size')
    if size then
      local fields = { change.field }
      for part = 0, change.value - 1 do
        fields[#fields + 1] = change.field .. '/' .. int(part)
      end
      for _, field in ipairs(fields) do
        redis.call('HSET', change.where, field, redis.call('HGET', key.uploads, field) or '')
        redis.call('HDEL', key.uploads, field)
      end
      redis.call('HDEL', key.uploads, change.field .. '/size')
      redis.call('HINCRBY', key.uploads, 'bytes', int(-size))
      redis.call('HINCRBY', key.meta, 'attached', size)
    end
  elseif change.command == 'XTRIM' then
    redis.call('XTRIM', change.where, 'MINID', change.value)
  else
    redis.call(change.command, change.where, change.value)
  end
end

-- Carries the entries themselves; too many bytes are only announced, and readers take them from the stream.
if #frames > 0 then
  local parts, bytes = { args.header }, 0
  for _, frame in ipairs(frames) do
    parts[#parts + 1] = struct.pack('>I4', #frame) .. frame
    bytes = bytes + #frame
  end
  redis.call('PUBLISH', args.live, bytes <= 1048576 and table.concat(parts) or args.header)
end
return { 'status', 'committed', 'records', args.give and redis.call('HGETALL', key.records) or {} }

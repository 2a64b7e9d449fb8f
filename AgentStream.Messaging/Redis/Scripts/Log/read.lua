-- Where a session stands, and at most so many entries after an offset. KEYS: meta, log. args: after, count.
-- Where there is none: the history of the data, in which a fresh epoch is named.
local meta, log = unpack(KEYS)
local names = { 'epoch', 'seq', 'trimmed', 'owner', 'title', 'former' }
local reply, kept = {}, {}
for i, value in ipairs(redis.call('HMGET', meta, unpack(names))) do
  kept[names[i]] = value
  reply[#reply + 1], reply[#reply + 2] = names[i], value or ''
end
if not kept.epoch then
  return { 'history', history() }
end
local entries = {}
if tonumber(args.count) > 0 and tonumber(args.after) >= tonumber(kept.trimmed) and tonumber(args.after) < tonumber(kept.seq) then
  for _, entry in ipairs(redis.call('XRANGE', log, int(args.after + 1), '+', 'COUNT', args.count)) do
    local _, fields = unpack(entry)
    local _, frame = unpack(fields)
    entries[#entries + 1] = frame
  end
end
reply[#reply + 1], reply[#reply + 2] = 'frames', entries
return reply

-- What a transcript is made of: its base and the entries after it, or only the entries after those that the caller has folded already.
-- KEYS: meta, log, base. args: epoch and after, what the caller has (or nothing); through, the last offset wanted (or nothing).
local meta, log, base = unpack(KEYS)
local epoch, seq, trimmed, owner, title = unpack(redis.call('HMGET', meta, 'epoch', 'seq', 'trimmed', 'owner', 'title'))
if not epoch then
  return { 'history', history() }
end
local reply = { 'epoch', epoch, 'seq', seq, 'trimmed', trimmed, 'owner', owner, 'title', title or '' }
local from = tonumber(trimmed)
if args.epoch == epoch and tonumber(args.after) >= from and tonumber(args.after) <= tonumber(seq) then
  from = tonumber(args.after)
else
  reply[#reply + 1], reply[#reply + 2] = 'base', redis.call('GET', base) or ''
end
local entries = {}
if from < tonumber(args.through or seq) then
  for _, entry in ipairs(redis.call('XRANGE', log, int(from + 1), args.through or seq)) do
    local _, fields = unpack(entry)
    local _, frame = unpack(fields)
    entries[#entries + 1] = frame
  end
end
reply[#reply + 1], reply[#reply + 2] = 'frames', entries
return reply

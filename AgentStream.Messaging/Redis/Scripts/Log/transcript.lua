-- What a transcript is made of: its base and the entries after it, or only the entries after those that the caller has folded already.
-- KEYS: meta, log, base. ARGV: the epoch and the offset that the caller has (or nothing), the last offset wanted (or nothing).
local epoch, seq, trimmed, owner, title = unpack(redis.call('HMGET', KEYS[1], 'epoch', 'seq', 'trimmed', 'owner', 'title'))
if not epoch then
  return { false, history() }
end
local from, base = tonumber(trimmed), false
if ARGV[1] == epoch and tonumber(ARGV[2]) >= from and tonumber(ARGV[2]) <= tonumber(seq) then
  from = tonumber(ARGV[2])
else
  base = redis.call('GET', KEYS[3]) or ''
end
local frames = {}
local last = ARGV[3] ~= '' and tonumber(ARGV[3]) or tonumber(seq)
if from < last then
  for _, entry in ipairs(redis.call('XRANGE', KEYS[2], string.format('%.0f', from + 1), string.format('%.0f', last))) do
    frames[#frames + 1] = entry[2][2]
  end
end
return { epoch, tonumber(seq), tonumber(trimmed), owner, title, base, frames }

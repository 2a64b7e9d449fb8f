-- Where a session stands, and at most so many entries after an offset. KEYS: meta, log. ARGV: after, how many.
-- Where there is none: the history of the data, in which a fresh epoch is named.
local epoch, seq, trimmed, owner, title, former =
  unpack(redis.call('HMGET', KEYS[1], 'epoch', 'seq', 'trimmed', 'owner', 'title', 'former'))
if not epoch then
  return { false, history() }
end
local after, count = tonumber(ARGV[1]), tonumber(ARGV[2])
local frames = {}
if count > 0 and after >= tonumber(trimmed) and after < tonumber(seq) then
  for _, entry in ipairs(redis.call('XRANGE', KEYS[2], string.format('%.0f', after + 1), '+', 'COUNT', count)) do
    frames[#frames + 1] = entry[2][2]
  end
end
return { epoch, tonumber(seq), tonumber(trimmed), owner, title, frames, former or '' }

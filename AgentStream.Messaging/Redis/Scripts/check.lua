-- Tries commands on a key that is gone again afterwards. KEYS: that key. args: channel; commands, one a line: @ is the key, # the channel,
-- and after " = " stands the answer (compared while none has failed). Returns command and error of each that does not work.
local failed, given = {}, { ['@'] = KEYS[1], ['#'] = args.channel, binary = struct.pack('>I4', 1) }
for line in string.gmatch(args.commands, '[^\n]+') do
  local asked, expected = string.match(line .. ' = ', '^(.-) = (.-)[ =]*$')
  local words = {}
  for word in string.gmatch(asked, '%S+') do
    words[#words + 1] = given[word] or word
  end
  local answer = redis.pcall(unpack(words))
  local isOther = #failed == 0 and expected ~= '' and cjson.encode(answer) ~= expected
  local wrong = type(answer) == 'table' and answer.err or isOther and 'it answers otherwise'
  if wrong then
    failed[#failed + 1], failed[#failed + 2] = words[1], wrong
  end
end
return { 'failed', failed }

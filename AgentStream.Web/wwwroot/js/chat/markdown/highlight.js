/**
 * Colours for code, line by line, so that code which streams in is coloured once.
 * The pieces of a line, put together, are always the line: what is not known stays plain, and nothing is left out or changed.
 */

const C_LIKE = { line: '//', block: ['/*', '*/'], quotes: '"\'' };
const words = (text) => new Set(text.split(' '));

const LANGUAGES = {
  csharp: {
    ...C_LIKE, raw: '"""',
    keywords: words(
      'abstract as async await base bool break byte case catch char checked class const continue decimal default delegate do double else '
        + 'enum event explicit extern false finally fixed float for foreach from get global goto if implicit in init int interface '
        + 'internal is let lock long namespace new not null object operator or out override params partial private protected public '
        + 'readonly record ref required return sbyte sealed select set short sizeof static string struct switch this throw true try '
        + 'typeof uint ulong unchecked unsafe ushort using var virtual void volatile when where while with yield'),
  },
  javascript: {
    ...C_LIKE, multi: ['`'],
    keywords: words(
      'abstract any as async await boolean break case catch class const continue declare default delete do else enum export extends false '
        + 'finally for from function get if implements import in infer instanceof interface is keyof let namespace never new null number '
        + 'of private protected public readonly return satisfies set static string super switch symbol this throw true try type typeof '
        + 'undefined unknown var void while with yield'),
  },
  python: {
    line: '#', quotes: '"\'', multi: ['"""', "'''"],
    keywords: words(
      'False None True and as assert async await break case class continue def del elif else except finally for from global if import in '
        + 'is lambda match nonlocal not or pass raise return self try while with yield'),
  },
  shell: {
    line: '#', quotes: '"\'',
    keywords: words(
      'case cd do done echo elif else esac exit export fi for function if in local read return set source sudo then until while'),
  },
  sql: {
    line: '--', block: ['/*', '*/'], quotes: "'\"", anyCase: true,
    keywords: words(
      'add all alter and as asc between by case cast check constraint create cross database default delete desc distinct drop else end '
        + 'exists false foreign from full group having if in index inner insert into is join key left like limit not null offset on or '
        + 'order outer primary references returning right select set table then true union unique update using values view when where '
        + 'with'),
  },
  json: { quotes: '"', keywords: words('true false null'), keys: true },
  yaml: { line: '#', quotes: '"\'', keywords: words('true false null yes no on off'), keys: true },
  css: { block: ['/*', '*/'], quotes: '"\'', keywords: words('and important inherit initial media not only supports unset var') },
  markup: { block: ['<!--', '-->'], quotes: '"\'', markup: true, keywords: new Set() },
  go: {
    ...C_LIKE, multi: ['`'],
    keywords: words(
      'any bool break byte case chan const continue default defer else error fallthrough false float64 for func go goto if import int '
        + 'int64 interface iota map nil package range return rune select string struct switch true type uint8 var'),
  },
  rust: {
    line: '//', block: ['/*', '*/'], quotes: '"',
    keywords: words(
      'Self as async await bool break char const continue crate dyn else enum extern f64 false fn for i32 i64 if impl in let loop match '
        + 'mod move mut pub ref return self static str struct super trait true type u32 u64 u8 union unsafe use usize where while'),
  },
  java: {
    ...C_LIKE, multi: ['"""'],
    keywords: words(
      'abstract assert boolean break byte case catch char class companion const continue data default do double else enum extends false '
        + 'final finally float for fun if implements import in instanceof int interface is long native new null object open override '
        + 'package private protected public record return sealed short static super suspend switch synchronized this throw throws '
        + 'transient true try val var void volatile when while'),
  },
  cpp: {
    ...C_LIKE,
    keywords: words(
      'alignas auto bool break case catch char class const constexpr continue default delete do double else enum explicit extern false '
        + 'float for friend if include inline int long mutable namespace new noexcept nullptr operator override private protected public '
        + 'register return short signed sizeof static struct switch template this throw true try typedef typename union unsigned using '
        + 'virtual void volatile while'),
  },
};

const NAMES = {
  'c#': 'csharp', cs: 'csharp', js: 'javascript', jsx: 'javascript', mjs: 'javascript', ts: 'javascript', tsx: 'javascript',
  typescript: 'javascript',
  py: 'python', python3: 'python', sh: 'shell', bash: 'shell', zsh: 'shell', console: 'shell', postgresql: 'sql', mysql: 'sql',
  sqlite: 'sql', tsql: 'sql',
  jsonc: 'json', json5: 'json', yml: 'yaml', toml: 'yaml', scss: 'css', less: 'css', html: 'markup', xml: 'markup', svg: 'markup',
  csproj: 'markup', razor: 'markup',
  golang: 'go', rs: 'rust', kotlin: 'java', kt: 'java', c: 'cpp', 'c++': 'cpp', h: 'cpp', hpp: 'cpp', cc: 'cpp', swift: 'java',
  dockerfile: 'shell',
};

// A longer line is data; nobody reads its colours.
const LONGEST_LINE = 1_000;

/** @param {string} name as after a fence @returns {string | null} a language that is known here */
export function knownLanguage(name) {
  const own = Object.hasOwn(NAMES, name) ? NAMES[name] : name;
  return Object.hasOwn(LANGUAGES, own) ? own : null;
}

/**
 * @typedef {{ kind: '' | 'comment' | 'string' | 'number' | 'keyword' | 'name', text: string }} Piece
 */

/**
 * @param {string} language of `knownLanguage`
 * @param {string} line without its end
 * @param {string | null} inside what the lines before have left open: the text that ends it
 * @returns {{ pieces: Piece[], inside: string | null }}
 */
export function highlightLine(language, line, inside) {
  const rules = LANGUAGES[language];
  if (line.length > LONGEST_LINE) {
    return { pieces: [{ kind: '', text: line }], inside };
  }

  const pieces = [];
  const add = (kind, text) => {
    if (text !== '') {
      pieces.push({ kind, text });
    }
  };
  let at = 0;
  let open = inside;
  if (open !== null) {
    const end = line.indexOf(open);
    const until = end < 0 ? line.length : end + open.length;
    add(isComment(rules, open) ? 'comment' : 'string', line.slice(0, until));
    at = until;
    open = end < 0 ? open : null;
  }

  let plainFrom = at;
  const take = (kind, until) => {
    add('', line.slice(plainFrom, at));
    add(kind, line.slice(at, until));
    at = until;
    plainFrom = until;
  };
  while (at < line.length && open === null) {
    const begun = blockAt(rules, line, at);
    if (begun) {
      const end = line.indexOf(begun.end, at + begun.start.length);
      open = end < 0 ? begun.end : null;
      take(begun.kind, end < 0 ? line.length : end + begun.end.length);
    } else if (rules.line && line.startsWith(rules.line, at) && (rules.line !== '#' || at === 0 || /\s/.test(line[at - 1]))) {
      take('comment', line.length);
    } else if (rules.quotes.includes(line[at])) {
      const end = endOfString(line, at);
      take(rules.keys && /^\s*:/.test(line.slice(end)) ? 'name' : 'string', end);
    } else if (/[A-Za-z_$@]/.test(line[at])) {
      const word = /^[A-Za-z_$@][\w$-]*/.exec(line.slice(at))[0];
      const name = rules.markup || rules.keys ? word : /^[A-Za-z_$@][\w$]*/.exec(word)[0];
      const after = line.slice(at + name.length);
      take(kindOf(rules, name, after, line.slice(0, at)), at + name.length);
    } else if (/[0-9]/.test(line[at])) {
      take('number', at + /^(?:0[xX][\da-fA-F_]+|0[bB][01_]+|\d[\d_]*(?:\.\d[\d_]*)?(?:[eE][+-]?\d+)?)\w*/.exec(line.slice(at))[0].length);
    } else {
      at += 1;
    }
  }

  add('', line.slice(plainFrom, at));
  return { pieces, inside: open };
}

function blockAt(rules, line, at) {
  if (rules.block && line.startsWith(rules.block[0], at)) {
    return { kind: 'comment', start: rules.block[0], end: rules.block[1] };
  }

  const quote = [rules.raw, ...(rules.multi ?? [])].find((mark) => mark && line.startsWith(mark, at));
  return quote ? { kind: 'string', start: quote, end: quote } : null;
}

function isComment(rules, end) {
  return rules.block?.[1] === end;
}

function endOfString(line, from) {
  const quote = line[from];
  for (let at = from + 1; at < line.length; at += 1) {
    if (line[at] === '\\') {
      at += 1;
    } else if (line[at] === quote) {
      return at + 1;
    }
  }

  // An apostrophe that nothing closes is no string (a lifetime, a word).
  return quote === "'" ? from + 1 : line.length;
}

function kindOf(rules, name, after, before) {
  if (rules.markup) {
    return /<\/?$/.test(before) ? 'keyword' : /^\s*=/.test(after) && before.includes('<') ? 'name' : '';
  }

  if (rules.keywords.has(rules.anyCase ? name.toLowerCase() : name)) {
    return 'keyword';
  }

  return (rules.keys && /^\s*:(?:\s|$)/.test(after)) || /^\(/.test(after) ? 'name' : '';
}

//! Random changes of texts that respect what texts are made of: lines and their blocks, brackets, words, strings.

/// Longest input that is made.
pub const MAX_INPUT: usize = 100_000;

/// A sequence of numbers that looks random and is the same for the same seed.
pub struct Numbers(u64);

impl Numbers {
    /// Starts a sequence.
    pub fn new(seed: u64) -> Self {
        // The generator below never leaves zero.
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// The next number.
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// A number below a limit.
    pub fn below(&mut self, limit: usize) -> usize {
        usize::try_from((self.next() >> 16) % limit.max(1) as u64).unwrap_or(0)
    }

    /// One of several.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        let at = self.below(items.len());
        items.get(at)
    }
}

/// Pieces that grammars treat in their own way.
const PIECES: [&[u8]; 44] = [
    b"(",
    b")",
    b"{",
    b"}",
    b"[",
    b"]",
    b"\"",
    b"'",
    b"'''",
    b"\"\"\"",
    b"`${",
    b"${",
    b"%{",
    b"#{",
    b"\n",
    b"\n    ",
    b"\t",
    b"\r\n",
    b"...",
    b"=>",
    b"->",
    b":=",
    b"&a ",
    b"*a",
    b"<<: *a",
    b"!Sub ",
    b"!Ref ",
    b"--- ",
    b"? ",
    b"- ",
    b"|-\n",
    b"<<EOT\n",
    b"/*",
    b"//",
    b"#",
    b"\\",
    b"\0",
    b"\xff\xfe",
    b"\xc3",
    b"\xed\xa0\x80",
    b"\xef\xbb\xbf",
    b"\xe2\x80\xa8",
    b" await ",
    b"0x",
];

type Range = std::ops::Range<usize>;

/// Changes a text a few times; `other` is where foreign parts come from.
pub fn mutate(text: &[u8], other: &[u8], numbers: &mut Numbers) -> Vec<u8> {
    let mut text = text.to_vec();
    for _ in 0..=numbers.below(5) {
        once(&mut text, other, numbers);
        text.truncate(MAX_INPUT);
    }
    text
}

fn once(text: &mut Vec<u8>, other: &[u8], numbers: &mut Numbers) {
    match numbers.below(14) {
        0 => text.truncate(numbers.below(text.len() + 1)),
        1 => {
            let at = numbers.below(text.len() + 1);
            let piece = PIECES[numbers.below(PIECES.len())];
            text.splice(at..at, piece.iter().copied());
        }
        2 if !text.is_empty() => {
            let at = numbers.below(text.len());
            text[at] = numbers.next().to_le_bytes()[0];
        }
        3..=5 => {
            let part = part(text, numbers);
            let to = numbers.below(text.len() + 1);
            change(text, part, to, numbers);
        }
        6 | 7 => {
            // A part of the other text in the place of one of this.
            let (mine, theirs) = (part(text, numbers), part(other, numbers));
            text.splice(mine, other[theirs].iter().copied());
        }
        8..=10 => rename(text, other, numbers),
        11 => {
            let part = part(text, numbers);
            repeat(text, &part, numbers);
        }
        12 => nest(text, numbers),
        _ => {
            let at = numbers.below(text.len() + 1);
            let filler = [b'a', b' ', b'\n', b'*', 0xc3][numbers.below(5)];
            let count = 1 << numbers.below(14);
            text.splice(at..at, std::iter::repeat_n(filler, count));
        }
    }
}

/// Something that belongs together: a line with what is indented below it, a pair of brackets, a word, any range.
fn part(text: &[u8], numbers: &mut Numbers) -> Range {
    if text.is_empty() {
        return 0..0;
    }
    let at = numbers.below(text.len());
    match numbers.below(4) {
        0 => block(text, at),
        1 => brackets(text, at),
        2 => word(text, at),
        _ => at..(at + numbers.below(60)).min(text.len()),
    }
}

fn line_start(text: &[u8], at: usize) -> usize {
    text[..at].iter().rposition(|&byte| byte == b'\n').map_or(0, |found| found + 1)
}

fn indent(text: &[u8], start: usize) -> usize {
    text[start..].iter().take_while(|&&byte| byte == b' ').count()
}

/// The line at an offset and the deeper lines that follow it.
fn block(text: &[u8], at: usize) -> Range {
    let start = line_start(text, at);
    let own = indent(text, start);
    let mut end = start;
    loop {
        end = text[end..].iter().position(|&byte| byte == b'\n').map_or(text.len(), |found| end + found + 1);
        if end >= text.len() || indent(text, end) <= own {
            return start..end;
        }
    }
}

/// The next pair of brackets with what is in it.
fn brackets(text: &[u8], at: usize) -> Range {
    let Some(start) = text[at..].iter().position(|byte| b"([{".contains(byte)).map(|found| at + found) else { return at..at };
    let mut depth = 0_usize;
    for (offset, byte) in text[start..].iter().enumerate() {
        if b"([{".contains(byte) {
            depth += 1;
        } else if b")]}".contains(byte) {
            depth -= 1;
        }
        if depth == 0 {
            return start..start + offset + 1;
        }
    }
    start..text.len()
}

const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn word(text: &[u8], at: usize) -> Range {
    let start = text[at..].iter().position(|&byte| is_word(byte)).map_or(text.len(), |found| at + found);
    let end = text[start..].iter().position(|&byte| !is_word(byte)).map_or(text.len(), |found| start + found);
    start..end
}

fn change(text: &mut Vec<u8>, part: Range, to: usize, numbers: &mut Numbers) {
    match numbers.below(3) {
        0 => drop(text.drain(part)),
        1 => {
            let copy = text[part].to_vec();
            text.splice(to..to, copy);
        }
        _ => {
            let moved: Vec<u8> = text.drain(part).collect();
            let to = to.min(text.len());
            text.splice(to..to, moved);
        }
    }
}

/// Puts one word in the place of another, once or everywhere, which is how cycles come about.
fn rename(text: &mut Vec<u8>, other: &[u8], numbers: &mut Numbers) {
    if text.is_empty() {
        return;
    }
    let from = word(text, numbers.below(text.len()));
    let source = if numbers.below(4) == 0 && !other.is_empty() { other } else { text.as_slice() };
    let new = source[word(source, numbers.below(source.len()))].to_vec();
    if from.is_empty() || new.is_empty() {
        return;
    }
    if numbers.below(3) > 0 {
        text.splice(from, new);
        return;
    }
    let old = text[from].to_vec();
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_slice();
    while let Some(at) = rest.windows(old.len()).position(|window| window == old) {
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(&new);
        rest = &rest[at + old.len()..];
        if out.len() > MAX_INPUT {
            break;
        }
    }
    out.extend_from_slice(rest);
    *text = out;
}

fn repeat(text: &mut Vec<u8>, part: &Range, numbers: &mut Numbers) {
    let copy = text[part.clone()].to_vec();
    if copy.is_empty() || text.len() >= MAX_INPUT {
        return;
    }
    let most = (MAX_INPUT - text.len()) / copy.len();
    let count = (1 << numbers.below(13)).min(most);
    text.splice(part.end..part.end, copy.repeat(count));
}

/// Puts something into brackets or blocks, many times over.
fn nest(text: &mut Vec<u8>, numbers: &mut Numbers) {
    const AROUND: [(&[u8], &[u8]); 14] = [
        (b"(", b")"),
        (b"[", b"]"),
        (b"{", b"}"),
        (b"{a:", b"}"),
        (b"f(", b")"),
        (b"not ", b""),
        (b"!", b""),
        (b"x=>", b""),
        (b"lambda x: ", b""),
        (b"\"${", b"}\""),
        (b"- ", b""),
        (b"a.", b""),
        (b"", b".b"),
        (b"", b"[0]"),
    ];
    let part = part(text, numbers);
    let (open, close) = AROUND[numbers.below(AROUND.len())];
    let most = MAX_INPUT.saturating_sub(text.len()) / (open.len() + close.len()).max(1);
    let count = (1 << numbers.below(15)).min(most);
    let mut nested = open.repeat(count);
    nested.extend_from_slice(&text[part.clone()]);
    nested.extend(close.repeat(count));
    text.splice(part, nested);
}

//! Tables of a TOML file, put together from the events that `toml_parser` reads.
//!
//! A table may be spread over a file: by headers, by dotted keys. Which of them may stand together is
//! decided here, and so both places of what stands twice are known.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::iter::Peekable;
use std::ops::Range;
use std::slice::Iter;

use toml_parser::decoder::{Encoding, ScalarKind};
use toml_parser::parser::{Event, EventKind, RecursionGuard, ValidateWhitespace, parse_document};
use toml_parser::{ParseError, Source, Span};

use super::date;
use crate::parse::DEPTH_MAX;

/// A key, and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Key<'t> {
    name: Cow<'t, str>,
    pub(super) span: Range<usize>,
}

/// What belongs to a key, and where both stand.
#[derive(Debug)]
pub(super) struct Node<'t> {
    pub(super) key: Range<usize>,
    pub(super) value: Spanned<'t>,
}

/// A value, and where it stands: a table at its header, or at the key that implied it.
#[derive(Debug)]
pub(super) struct Spanned<'t> {
    pub(super) value: Value<'t>,
    pub(super) span: Range<usize>,
}

#[derive(Debug)]
pub(super) enum Value<'t> {
    Text(Cow<'t, str>),
    Boolean(bool),
    /// The text says it.
    Date,
    /// Without what only makes it readable.
    Float(Cow<'t, str>),
    Integer {
        digits: Cow<'t, str>,
        radix: u32,
    },
    Array(Vec<Spanned<'t>>),
    /// An array whose items have headers of their own: `[[name]]`.
    Tables(Vec<Spanned<'t>>),
    Table(Table<'t>),
}

#[derive(Debug)]
pub(super) struct Table<'t> {
    pub(super) nodes: BTreeMap<Cow<'t, str>, Node<'t>>,
    made: Made,
}

/// What made a table, which says what else may add to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Made {
    /// Its header.
    Header,
    /// The header of a table in it.
    Implied,
    /// A dotted key.
    Dotted,
    /// Braces.
    Inline,
}

/// What is wrong with a file.
#[derive(Debug)]
pub(super) enum Fault {
    /// Something stands where it can't; inside of a bracket that is open, or of none.
    Misplaced { error: ParseError, inside: Option<Bracket> },
    /// A key or a value isn't spelt as TOML spells it.
    Spelling { error: ParseError, encoding: Option<Encoding> },
    /// A key stands twice.
    Repeated { key: Range<usize>, first: Range<usize> },
    /// A key leads into what is no table.
    NoTable { key: Range<usize>, value: Range<usize> },
    /// Digits and hyphens that are no date and no time.
    NoDate(Range<usize>),
    /// Tables and lists in one another.
    TooDeep(Range<usize>),
}

/// What is open where a fault lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bracket {
    List,
    Table,
}

impl Fault {
    /// Where it is.
    pub(super) fn span(&self) -> Range<usize> {
        match self {
            Self::Misplaced { error, .. } | Self::Spelling { error, .. } => {
                error.unexpected().map_or(0..0, range)
            }
            Self::Repeated { key, .. } | Self::NoTable { key, .. } => key.clone(),
            Self::NoDate(span) | Self::TooDeep(span) => span.clone(),
        }
    }
}

/// Reads a file: its root table, and its faults in the order of their places.
pub(super) fn read(text: &str) -> (Table<'_>, Vec<Fault>) {
    let source = Source::new(text);
    let tokens = source.lex().into_vec();
    let mut events = Vec::with_capacity(tokens.len());
    let mut errors: Vec<ParseError> = Vec::new();
    let mut receiver = ValidateWhitespace::new(&mut events, source);
    // What is deeper is told by the reader below, which also knows keys.
    let mut receiver = RecursionGuard::new(&mut receiver, DEPTH_MAX as u32 + 1);
    parse_document(&tokens, &mut receiver, &mut errors);
    let mut reader = Reader { source, events: events.iter().peekable(), faults: Vec::new() };
    let root = reader.document();
    // Where two faults begin, what is misplaced needn't be spelt as it should there.
    let misplaced = errors.into_iter().map(|error| Fault::Misplaced { error, inside: None });
    let mut faults: Vec<_> = misplaced.chain(reader.faults).collect();
    faults.sort_by_key(|fault| fault.span().start);
    find_brackets(&events, &mut faults);
    (root, faults)
}

/// Says of what is misplaced which bracket is open there.
fn find_brackets(events: &[Event], faults: &mut [Fault]) {
    let mut events = events.iter().peekable();
    let mut open = Vec::new();
    for fault in faults {
        let at = fault.span().start;
        while let Some(event) = events.next_if(|event| event.span().start() < at) {
            match event.kind() {
                EventKind::ArrayOpen => open.push(Bracket::List),
                EventKind::InlineTableOpen => open.push(Bracket::Table),
                EventKind::ArrayClose | EventKind::InlineTableClose => drop(open.pop()),
                _ => {}
            }
        }
        if let Fault::Misplaced { inside, .. } = fault {
            *inside = open.last().copied();
        }
    }
}

struct Reader<'t, 'e> {
    source: Source<'t>,
    events: Peekable<Iter<'e, Event>>,
    faults: Vec<Fault>,
}

impl<'t> Reader<'t, '_> {
    fn document(&mut self) -> Table<'t> {
        let mut root = Table::new(Made::Header);
        // The header above; none where it is wrong, and then what stands below it is nowhere.
        let mut header = Some(Vec::new());
        while let Some(event) = self.events.next() {
            match event.kind() {
                EventKind::StdTableOpen | EventKind::ArrayTableOpen => {
                    header = self.header(event, &mut root);
                }
                EventKind::SimpleKey => {
                    let keys = self.keys(event);
                    let depth = header.as_ref().map_or(0, Vec::len);
                    let value = self.assigned(depth + keys.len());
                    if let (Some(header), Some(value)) = (&header, value)
                        && self.is_shallow(&keys, depth)
                        && let Ok(here) = root.descend(header, false)
                    {
                        self.insert(here, keys, value);
                    }
                }
                _ => {}
            }
        }
        root
    }

    /// Makes the table of a header. Returns where it is.
    fn header(&mut self, open: &Event, root: &mut Table<'t>) -> Option<Vec<Key<'t>>> {
        let is_list = open.kind() == EventKind::ArrayTableOpen;
        let mut keys = Vec::new();
        let mut span = range(open.span());
        while let Some(event) = self.events.next() {
            match event.kind() {
                EventKind::SimpleKey => keys = self.keys(event),
                EventKind::StdTableClose | EventKind::ArrayTableClose => {
                    span.end = event.span().end();
                    break;
                }
                EventKind::Newline => break,
                _ => {}
            }
        }
        let (key, above) = keys.split_last()?;
        if !self.is_shallow(&keys, 0) {
            return None;
        }
        let made = root.descend(above, false);
        match made.and_then(|parent| parent.begin(key, is_list, span)) {
            Ok(()) => Some(keys),
            Err(fault) => {
                self.faults.push(fault);
                None
            }
        }
    }

    /// A key with all its parts: `a.b`.
    fn keys(&mut self, first: &Event) -> Vec<Key<'t>> {
        let mut keys = vec![self.key(first)];
        loop {
            self.skip_blanks();
            if self.events.next_if(|event| event.kind() == EventKind::KeySep).is_none() {
                return keys;
            }
            self.skip_blanks();
            if let Some(event) = self.events.next_if(|event| event.kind() == EventKind::SimpleKey) {
                keys.push(self.key(event));
            }
        }
    }

    fn key(&mut self, event: &Event) -> Key<'t> {
        let mut name = Cow::Borrowed("");
        let encoding = event.encoding();
        let mut report = |error: ParseError| self.faults.push(Fault::Spelling { error, encoding });
        self.source
            .get(event)
            .expect("an event lies in its text")
            .decode_key(&mut name, &mut report);
        Key { name, span: range(event.span()) }
    }

    fn skip_blanks(&mut self) {
        while self.events.next_if(|event| event.kind() == EventKind::Whitespace).is_some() {}
    }

    /// The value behind a key, if there is one.
    fn assigned(&mut self, depth: usize) -> Option<Spanned<'t>> {
        self.skip_blanks();
        self.events.next_if(|event| event.kind() == EventKind::KeyValSep)?;
        self.skip_blanks();
        let starts = |event: &&Event| {
            let kinds = [EventKind::Scalar, EventKind::ArrayOpen, EventKind::InlineTableOpen];
            kinds.contains(&event.kind())
        };
        let event = self.events.next_if(starts)?;
        self.value(event, depth)
    }

    /// The value that begins with an event.
    fn value(&mut self, event: &Event, depth: usize) -> Option<Spanned<'t>> {
        match event.kind() {
            EventKind::Scalar => Some(self.scalar(event)),
            EventKind::ArrayOpen => Some(self.list(event, depth + 1)),
            EventKind::InlineTableOpen => Some(self.inline_table(event, depth + 1)),
            _ => None,
        }
    }

    fn scalar(&mut self, event: &Event) -> Spanned<'t> {
        let mut decoded = Cow::Borrowed("");
        let (encoding, span) = (event.encoding(), range(event.span()));
        let faults = &mut self.faults;
        let mut report = |error: ParseError| faults.push(Fault::Spelling { error, encoding });
        let raw = self.source.get(event).expect("an event lies in its text");
        let value = match raw.decode_scalar(&mut decoded, &mut report) {
            ScalarKind::String => Value::Text(decoded),
            ScalarKind::Boolean(value) => Value::Boolean(value),
            ScalarKind::DateTime => {
                if !date::is_date_or_time(&decoded) {
                    self.faults.push(Fault::NoDate(span.clone()));
                }
                Value::Date
            }
            ScalarKind::Float => Value::Float(decoded),
            ScalarKind::Integer(radix) => Value::Integer { digits: decoded, radix: radix.value() },
        };
        Spanned { value, span }
    }

    fn list(&mut self, open: &Event, depth: usize) -> Spanned<'t> {
        let mut items = Vec::new();
        let mut span = range(open.span());
        if depth > DEPTH_MAX {
            self.faults.push(Fault::TooDeep(span.clone()));
        }
        while let Some(event) = self.events.next() {
            span.end = event.span().end();
            if event.kind() == EventKind::ArrayClose {
                break;
            }
            items.extend(self.value(event, depth));
        }
        Spanned { value: Value::Array(items), span }
    }

    fn inline_table(&mut self, open: &Event, depth: usize) -> Spanned<'t> {
        let mut table = Table::new(Made::Inline);
        let mut span = range(open.span());
        while let Some(event) = self.events.next() {
            span.end = event.span().end();
            match event.kind() {
                EventKind::InlineTableClose => break,
                EventKind::SimpleKey => {
                    let keys = self.keys(event);
                    let value = self.assigned(depth + keys.len());
                    if let Some(value) = value.filter(|_| self.is_shallow(&keys, depth)) {
                        self.insert(&mut table, keys, value);
                    }
                }
                _ => {}
            }
        }
        Spanned { value: Value::Table(table), span }
    }

    fn is_shallow(&mut self, keys: &[Key<'t>], depth: usize) -> bool {
        let is_shallow = depth + keys.len() <= DEPTH_MAX;
        if let (false, Some(key)) = (is_shallow, keys.first()) {
            self.faults.push(Fault::TooDeep(key.span.clone()));
        }
        is_shallow
    }

    fn insert(&mut self, table: &mut Table<'t>, mut keys: Vec<Key<'t>>, value: Spanned<'t>) {
        let Some(key) = keys.pop() else { return };
        let inserted = table.descend(&keys, true).and_then(|parent| parent.insert(key, value));
        self.faults.extend(inserted.err());
    }
}

impl<'t> Table<'t> {
    fn new(made: Made) -> Self {
        Self { nodes: BTreeMap::new(), made }
    }

    fn insert(&mut self, key: Key<'t>, value: Spanned<'t>) -> Result<(), Fault> {
        match self.nodes.entry(key.name) {
            Entry::Vacant(vacant) => {
                vacant.insert(Node { key: key.span, value });
                Ok(())
            }
            Entry::Occupied(occupied) => {
                Err(Fault::Repeated { key: key.span, first: occupied.get().key.clone() })
            }
        }
    }

    /// The table that keys lead to. Those that don't exist yet are made: by a dotted key, or by a
    /// header.
    fn descend(&mut self, keys: &[Key<'t>], dotted: bool) -> Result<&mut Self, Fault> {
        let mut table = self;
        for key in keys {
            let made = if dotted { Made::Dotted } else { Made::Implied };
            let node = table.nodes.entry(key.name.clone()).or_insert_with(|| Node {
                key: key.span.clone(),
                value: Spanned { value: Value::Table(Table::new(made)), span: key.span.clone() },
            });
            let first = node.key.clone();
            let no_table = || Fault::NoTable { key: key.span.clone(), value: first.clone() };
            table = match &mut node.value.value {
                Value::Table(inner) => inner,
                Value::Tables(items) => match items.last_mut().map(|item| &mut item.value) {
                    Some(Value::Table(inner)) => inner,
                    _ => return Err(no_table()),
                },
                Value::Text(_)
                | Value::Boolean(_)
                | Value::Date
                | Value::Float(_)
                | Value::Integer { .. }
                | Value::Array(_) => return Err(no_table()),
            };
            match table.made {
                Made::Inline => return Err(no_table()),
                Made::Header if dotted => {
                    return Err(Fault::Repeated { key: key.span.clone(), first });
                }
                Made::Implied if dotted => table.made = Made::Dotted,
                Made::Header | Made::Implied | Made::Dotted => {}
            }
        }
        Ok(table)
    }

    /// Begins the table of a header, or the next one of a list.
    fn begin(&mut self, key: &Key<'t>, is_list: bool, span: Range<usize>) -> Result<(), Fault> {
        let table = || Value::Table(Table::new(Made::Header));
        let Some(node) = self.nodes.get_mut(&key.name) else {
            let own = Spanned { value: table(), span: span.clone() };
            let value =
                if is_list { Spanned { value: Value::Tables(vec![own]), span } } else { own };
            return self.insert(key.clone(), value);
        };
        match &mut node.value.value {
            Value::Tables(items) if is_list => items.push(Spanned { value: table(), span }),
            Value::Table(implied) if implied.made == Made::Implied && !is_list => {
                implied.made = Made::Header;
                (node.key, node.value.span) = (key.span.clone(), span);
            }
            _ => {
                return Err(Fault::Repeated { key: key.span.clone(), first: node.key.clone() });
            }
        }
        Ok(())
    }
}

fn range(span: Span) -> Range<usize> {
    span.start()..span.end()
}

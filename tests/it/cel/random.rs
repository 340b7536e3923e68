//! Random well-typed expressions of random schemas, for random records in which values are missing: true and
//! false are what the crate `cel` says, and unknown is its error.
//!
//! Left out is what `docs/constraints.md` says differs: dates, arithmetic of other numbers than small whole
//! ones, written `null`, and `isSorted`. What looks below something missing (`has(self.a.b)`), and lists that
//! the expression itself spells or maps, are put to CEL in other words, in which nothing is missing as a whole:
//! `[a, b].all(i, c)` is `c && c`, and `x in l.map(i, e)` is `l.exists(i, x == e)`.

use std::sync::Arc;

use demarche::expr::types::{ObjectType, Type, ValueKind};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::{Record, authority, object, value};
use crate::support::cases;

/// How deep expressions are.
const DEPTH: u32 = 3;

#[derive(Clone, Debug)]
enum Kind {
    Whole,
    /// Whole numbers at the ends of what 64 bits hold: only compared.
    Large,
    Double,
    Text,
    Boolean,
    Group(Members),
    List(Box<Kind>),
}

type Members = Vec<(&'static str, Kind)>;

/// An expression in our words and in those of CEL.
#[derive(Clone, Debug)]
struct Both {
    ours: String,
    cel: String,
}

/// What names an expression can use.
#[derive(Clone, Debug)]
struct Names {
    /// Each value with its kind, and whether it is a member of an object that is there.
    values: Vec<(Both, Kind, bool)>,
    /// How many macros are around.
    macros: usize,
}

fn same(text: impl Into<String>) -> Both {
    let text = text.into();
    Both { ours: text.clone(), cel: text }
}

/// The same written around parts in both.
fn around<const N: usize>(parts: [&Both; N], write: impl Fn([&str; N]) -> String) -> Both {
    Both { ours: write(parts.map(|it| &*it.ours)), cel: write(parts.map(|it| &*it.cel)) }
}

fn kinds(depth: u32) -> BoxedStrategy<Kind> {
    let plain = select(vec![
        Kind::Whole,
        Kind::Whole,
        Kind::Large,
        Kind::Double,
        Kind::Text,
        Kind::Boolean,
    ]);
    if depth == 0 {
        return plain.boxed();
    }
    prop_oneof![
        4 => plain,
        1 => members(depth - 1).prop_map(Kind::Group),
        3 => prop_oneof![
            select(vec![Kind::Whole, Kind::Text]).boxed(),
            members(depth - 1).prop_map(Kind::Group).boxed(),
        ]
        .prop_map(|kind| Kind::List(Box::new(kind))),
    ]
    .boxed()
}

fn members(depth: u32) -> BoxedStrategy<Members> {
    vec(kinds(depth), 2..7)
        .prop_map(|kinds| ["a", "b", "c", "d", "e", "f"].into_iter().zip(kinds).collect())
        .boxed()
}

fn record(kind: &Kind) -> BoxedStrategy<serde_json::Value> {
    use serde_json::Value;
    match kind {
        Kind::Whole => (-3i64..5).prop_map(Value::from).boxed(),
        Kind::Large => select(vec![i64::MIN, i64::MIN + 1, i64::MAX - 1, i64::MAX, 0])
            .prop_map(Value::from)
            .boxed(),
        Kind::Double => {
            select(vec![0.1, 0.25, 0.3, 1.0, 1.5, 2.0, -2.0, -0.0, 1e300, -1e300, 1e-300])
                .prop_map(Value::from)
                .boxed()
        }
        Kind::Text => {
            select(vec!["", "a", "b", "ab", "ba", "é", "z", "😀"]).prop_map(Value::from).boxed()
        }
        Kind::Boolean => any::<bool>().prop_map(Value::from).boxed(),
        Kind::Group(members) => members
            .iter()
            .map(|(name, kind)| {
                let name = *name;
                proptest::option::weighted(0.75, record(kind)).prop_map(move |it| (name, it))
            })
            .collect::<Vec<_>>()
            .prop_map(|members| {
                let there =
                    members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
                Value::Object(there.collect())
            })
            .boxed(),
        Kind::List(kind) => vec(record(kind), 0..4).prop_map(Value::Array).boxed(),
    }
}

fn types(members: &Members) -> Arc<ObjectType> {
    fn of(kind: &Kind) -> Type {
        match kind {
            Kind::Whole | Kind::Large | Kind::Double => value(ValueKind::Number),
            Kind::Text => value(ValueKind::Text),
            Kind::Boolean => value(ValueKind::Boolean),
            Kind::Group(members) => Type::Object(types(members)),
            Kind::List(kind) => Type::List(Arc::new(of(kind))),
        }
    }
    object(members.iter().map(|(name, kind)| (*name, of(kind))).collect())
}

impl Names {
    /// The name of a value, with what can be reached through it.
    fn add(&mut self, name: &Both, kind: &Kind, is_direct: bool) {
        self.values.push((name.clone(), kind.clone(), is_direct));
        if let Kind::Group(members) = kind {
            for (member, kind) in members {
                let name = around([name], |[name]| format!("{name}.{member}"));
                self.add(&name, kind, false);
            }
        }
    }

    /// The names that an object gives.
    fn add_members(&mut self, object: &str, members: &Members) {
        for (member, kind) in members {
            self.add(&same(format!("{object}.{member}")), kind, true);
        }
    }

    fn of(&self, wanted: impl Fn(&Kind) -> bool) -> Vec<Both> {
        let values = self.values.iter().filter(|(_, kind, _)| wanted(kind));
        values.map(|(name, _, _)| name.clone()).collect()
    }

    /// The lists, with what a macro's body can use for each of their items, which has that name.
    fn lists(&self, item: &str) -> Vec<(Both, Names)> {
        let lists = self.values.iter().filter_map(|(name, kind, _)| match kind {
            Kind::List(kind) => Some((name.clone(), self.with_item(item, kind))),
            _ => None,
        });
        if self.macros == 2 { Vec::new() } else { lists.collect() }
    }

    fn with_item(&self, item: &str, kind: &Kind) -> Names {
        let mut names = Names { macros: self.macros + 1, ..self.clone() };
        match kind {
            Kind::Group(members) => names.add_members(item, members),
            _ => names.add(&same(item), kind, false),
        }
        names
    }

    fn item(&self) -> &'static str {
        ["item", "other"][self.macros.min(1)]
    }
}

/// One of some names, or else one of the strategies.
fn named(names: Vec<Both>, others: Vec<BoxedStrategy<Both>>) -> BoxedStrategy<Both> {
    let others = proptest::strategy::Union::new(others).boxed();
    if names.is_empty() { others } else { prop_oneof![2 => select(names), 1 => others].boxed() }
}

fn choice(names: &Names, depth: u32, of: &BoxedStrategy<Both>) -> BoxedStrategy<Both> {
    (condition(names, depth), of.clone(), of.clone())
        .prop_map(|(c, a, b)| around([&c, &a, &b], |[c, a, b]| format!("({c} ? {a} : {b})")))
        .boxed()
}

/// `x.?y.orValue(z)`, for values of a kind.
fn or_value(
    names: &Names,
    wanted: fn(&Kind) -> bool,
    constant: &'static str,
) -> Option<BoxedStrategy<Both>> {
    let direct = names.values.iter().filter(|(_, kind, is_direct)| *is_direct && wanted(kind));
    let direct: Vec<_> = direct.map(|(name, _, _)| name.clone()).collect();
    let write = move |name: Both| {
        around([&name], |[name]| {
            let (object, member) = name.rsplit_once('.').expect("a member");
            format!("{object}.?{member}.orValue({constant})")
        })
    };
    (!direct.is_empty()).then(|| select(direct).prop_map(write).boxed())
}

fn whole(names: &Names, depth: u32) -> BoxedStrategy<Both> {
    let literal = select(vec!["0", "1", "2", "(-1)", "3", "0x2"]).prop_map(same).boxed();
    let leaf = named(names.of(|kind| matches!(kind, Kind::Whole)), vec![literal]);
    if depth == 0 {
        return leaf;
    }
    let inner = whole(names, depth - 1);
    let two = (inner.clone(), inner.clone(), select(vec!["+", "-", "*"]))
        .prop_map(|(a, b, sign)| around([&a, &b], |[a, b]| format!("({a} {sign} {b})")));
    let negative = inner.clone().prop_map(|a| around([&a], |[a]| format!("(-{a})")));
    let length = text(names, depth - 1).prop_map(|a| around([&a], |[a]| format!("size({a})")));
    let spelt = vec(inner.clone(), 1..4).prop_map(|items| Both {
        ours: format!("[{}].sum()", joined(&items, |it| &it.ours, ", ")),
        cel: format!("({})", joined(&items, |it| &it.cel, " + ")),
    });
    let mut all = vec![two.boxed(), negative.boxed(), length.boxed(), spelt.boxed()];
    all.push(choice(names, depth - 1, &inner));
    all.extend(or_value(names, |kind| matches!(kind, Kind::Whole), "2"));
    let sizes = names.of(|kind| matches!(kind, Kind::List(_)));
    if !sizes.is_empty() {
        let write = |a: Both| around([&a], |[a]| format!("{a}.size()"));
        all.push(select(sizes).prop_map(write).boxed());
    }
    let item = names.item();
    let lists = names.lists(item).into_iter().map(|(list, names)| {
        let filter = (condition(&names, depth - 1), Just(list)).prop_map(move |(c, list)| {
            around([&list, &c], |[list, c]| format!("{list}.filter({item}, {c})"))
        });
        let mapped = (filter.clone(), whole(&names, depth - 1)).prop_map(move |(list, a)| {
            around([&list, &a], |[list, a]| format!("{list}.map({item}, {a}).sum()"))
        });
        let sizes = filter.prop_map(|list| around([&list], |[list]| format!("{list}.size()")));
        prop_oneof![mapped, sizes].boxed()
    });
    all.extend(lists);
    prop_oneof![1 => leaf, 3 => proptest::strategy::Union::new(all)].boxed()
}

fn double(names: &Names, depth: u32) -> BoxedStrategy<Both> {
    let literal = select(vec!["0.1", "0.25", ".3", "1.0", "(-2.0)", "1e300", "1e-300"])
        .prop_map(same)
        .boxed();
    let leaf = named(names.of(|kind| matches!(kind, Kind::Double)), vec![literal]);
    if depth == 0 {
        return leaf;
    }
    let mut all = vec![choice(names, depth - 1, &double(names, depth - 1))];
    all.extend(or_value(names, |kind| matches!(kind, Kind::Double), "0.5"));
    prop_oneof![2 => leaf, 1 => proptest::strategy::Union::new(all)].boxed()
}

fn text(names: &Names, depth: u32) -> BoxedStrategy<Both> {
    let literal = select(vec!["''", "'a'", "\"ab\"", "r'b'", r"'\u00e9'", "'😀'", "'''z'''"]);
    let leaf =
        named(names.of(|kind| matches!(kind, Kind::Text)), vec![literal.prop_map(same).boxed()]);
    if depth == 0 {
        return leaf;
    }
    let mut all = vec![choice(names, depth - 1, &text(names, depth - 1))];
    all.extend(or_value(names, |kind| matches!(kind, Kind::Text), "'a'"));
    prop_oneof![2 => leaf, 1 => proptest::strategy::Union::new(all)].boxed()
}

fn condition(names: &Names, depth: u32) -> BoxedStrategy<Both> {
    let literal = select(vec!["true", "false"]).prop_map(same).boxed();
    let mut leaves = vec![literal];
    let direct = names.values.iter().filter(|(_, _, is_direct)| *is_direct);
    let direct: Vec<_> = direct.map(|(name, _, _)| name.clone()).collect();
    if !direct.is_empty() {
        let write = |name: Both| around([&name], |[name]| format!("has({name})"));
        leaves.push(select(direct).prop_map(write).boxed());
    }
    // Below what is missing, nothing is there; CEL doesn't know.
    let below =
        names.values.iter().filter(|(name, _, is_direct)| !is_direct && name.ours.contains('.'));
    let below: Vec<_> = below.map(|(name, _, _)| name.clone()).collect();
    if !below.is_empty() {
        leaves.push(select(below).prop_map(|name| has(&name)).boxed());
    }
    let leaf = named(names.of(|kind| matches!(kind, Kind::Boolean)), leaves);
    if depth == 0 {
        return leaf;
    }
    let signs = select(vec!["==", "!=", "<", "<=", ">", ">="]);
    let compared = |a: BoxedStrategy<Both>, b: BoxedStrategy<Both>| {
        (a, b, signs.clone())
            .prop_map(|(a, b, sign)| around([&a, &b], |[a, b]| format!("({a} {sign} {b})")))
            .boxed()
    };
    let inner = condition(names, depth - 1);
    let (wholes, texts) = (whole(names, depth - 1), text(names, depth - 1));
    let large =
        select(vec!["9223372036854775807", "(-9223372036854775808)", "0", "0x7fffffffffffffff"]);
    let large =
        named(names.of(|kind| matches!(kind, Kind::Large)), vec![large.prop_map(same).boxed()]);
    let test = select(vec!["startsWith", "endsWith", "contains"]);
    let test = (texts.clone(), texts.clone(), test)
        .prop_map(|(a, b, test)| around([&a, &b], |[a, b]| format!("{a}.{test}({b})")));
    let pattern = select(vec!["^a", "b$", "[ab]+", "", "é|z", "^.$", r"\\w", "a{2}"]);
    let pattern = (texts.clone(), pattern)
        .prop_map(|(a, pattern)| around([&a], |[a]| format!("{a}.matches('{pattern}')")));
    let joined_by =
        (vec(inner.clone(), 2..4), select(vec!["&&", "||"])).prop_map(|(parts, sign)| {
            let sign = format!(" {sign} ");
            Both {
                ours: format!("({})", joined(&parts, |it| &it.ours, &sign)),
                cel: format!("({})", joined(&parts, |it| &it.cel, &sign)),
            }
        });
    let not = inner.clone().prop_map(|a| around([&a], |[a]| format!("(!{a})")));
    let equal = (inner.clone(), inner.clone(), select(vec!["==", "!="]))
        .prop_map(|(a, b, sign)| around([&a, &b], |[a, b]| format!("({a} {sign} {b})")));
    let mut all = vec![
        compared(wholes.clone(), wholes.clone()),
        compared(wholes.clone(), double(names, depth - 1)),
        compared(double(names, depth - 1), double(names, depth - 1)),
        compared(large.clone(), prop_oneof![large, wholes.clone()].boxed()),
        compared(texts.clone(), texts.clone()),
        test.boxed(),
        pattern.boxed(),
        joined_by.clone().boxed(),
        joined_by.boxed(),
        not.boxed(),
        equal.boxed(),
        choice(names, depth - 1, &inner),
        spelt_membership(&wholes),
        spelt_membership(&texts),
    ];
    if names.macros < 2 {
        all.push(spelt_macro(names, depth, &wholes));
    }
    for (kind, values) in [(Kind::Whole, wholes), (Kind::Text, texts)] {
        let is_such = |it: &Kind| matches!(it, Kind::List(item) if std::mem::discriminant(&**item) == std::mem::discriminant(&kind));
        let lists = names.of(is_such);
        if !lists.is_empty() {
            let write = |(a, list): (Both, Both)| {
                around([&a, &list], |[a, list]| format!("({a} in {list})"))
            };
            all.push((values, select(lists)).prop_map(write).boxed());
        }
    }
    let item = names.item();
    for (list, inside) in names.lists(item) {
        let body = condition(&inside, depth - 1);
        let list = prop_oneof![
            2 => Just(list.clone()),
            1 => (Just(list.clone()), body.clone()).prop_map(move |(list, c)| {
                around([&list, &c], |[list, c]| format!("{list}.filter({item}, {c})"))
            }),
        ]
        .boxed();
        let macros = select(vec!["all", "exists", "exists_one"]);
        let write = move |(list, name, c): (Both, &str, Both)| {
            around([&list, &c], |[list, c]| format!("{list}.{name}({item}, {c})"))
        };
        all.push((list.clone(), macros, body).prop_map(write).boxed());
        let mapped = (list, whole(names, depth - 1), whole(&inside, depth - 1));
        let write = move |(list, x, e): (Both, Both, Both)| Both {
            ours: format!("({} in {}.map({item}, {}))", x.ours, list.ours, e.ours),
            // What is missing isn't in an empty list, either.
            cel: format!(
                "({0} == {0} ? {1}.exists({item}, {0} == {2}) : false)",
                x.cel, list.cel, e.cel
            ),
        };
        all.push(mapped.prop_map(write).boxed());
    }
    prop_oneof![1 => leaf, 5 => proptest::strategy::Union::new(all)].boxed()
}

/// `has(self.a.b)`: each object on the way is there.
fn has(name: &Both) -> Both {
    let steps: Vec<_> = name.cel.split('.').collect();
    let ways = (2..=steps.len()).map(|length| format!("has({})", steps[..length].join(".")));
    Both {
        ours: format!("has({})", name.ours),
        cel: format!("({})", ways.collect::<Vec<_>>().join(" && ")),
    }
}

/// `x in [a, b]`
fn spelt_membership(values: &BoxedStrategy<Both>) -> BoxedStrategy<Both> {
    (values.clone(), vec(values.clone(), 1..4))
        .prop_map(|(a, items)| {
            let equal = items.iter().map(|item| format!("{} == {}", a.cel, item.cel));
            Both {
                ours: format!("({} in [{}])", a.ours, joined(&items, |it| &it.ours, ", ")),
                cel: format!("({})", equal.collect::<Vec<_>>().join(" || ")),
            }
        })
        .boxed()
}

/// `[a, b].all(i, c)` and its siblings.
fn spelt_macro(names: &Names, depth: u32, items: &BoxedStrategy<Both>) -> BoxedStrategy<Both> {
    let name = ["spelt", "inside"][names.macros];
    let body = condition(&names.with_item(name, &Kind::Whole), depth - 1);
    let macros = select(vec!["all", "exists", "exists_one", "filter"]);
    (vec(items.clone(), 1..4), body, macros)
        .prop_map(move |(items, body, which)| {
            let bodies =
                items.iter().map(|item| format!("({})", body.cel.replace(name, &item.cel)));
            let bodies: Vec<_> = bodies.collect();
            let counted = || {
                let counted = bodies.iter().map(|body| format!("({body} ? 1 : 0)"));
                counted.collect::<Vec<_>>().join(" + ")
            };
            let spelt = joined(&items, |it| &it.ours, ", ");
            let ours = format!("[{spelt}].{which}({name}, {})", body.ours);
            match which {
                "all" => Both { ours, cel: format!("({})", bodies.join(" && ")) },
                "exists" => Both { ours, cel: format!("({})", bodies.join(" || ")) },
                "exists_one" => Both { ours, cel: format!("({} == 1)", counted()) },
                _ => Both {
                    ours: format!("({ours}.size() > 1)"),
                    cel: format!("({} > 1)", counted()),
                },
            }
        })
        .boxed()
}

fn joined(parts: &[Both], of: impl Fn(&Both) -> &String, between: &str) -> String {
    parts.iter().map(|part| of(part).as_str()).collect::<Vec<_>>().join(between)
}

fn projects() -> impl Strategy<Value = (Members, Both, Vec<serde_json::Value>)> {
    members(2).prop_flat_map(|members| {
        let mut names = Names { values: Vec::new(), macros: 0 };
        names.add_members("self", &members);
        let records = vec(record(&Kind::Group(members.clone())), 3);
        (Just(members), condition(&names, DEPTH), records)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(cases(150, 4_000)) })]
    #[test]
    fn verdicts_are_those_of_cel((members, both, records) in projects()) {
        let own = types(&members);
        let ast = match demarche::expr::parse(&both.ours) {
            Ok(ast) => ast,
            // Over a limit.
            Err(fault) => {
                prop_assert!(fault.message.contains("may be") || fault.message.contains("more than"), "{}: {fault:?}", both.ours);
                return Ok(());
            }
        };
        for raw in records {
            let verdict = match Record::new(&raw).verdict(&ast, &own) {
                Ok(verdict) => verdict,
                Err(faults) => {
                    // What a spelt list holds is compiled inside the macro.
                    let is_large = faults.iter().all(|fault| {
                        fault.message.contains("more than 256 parts")
                            || fault.message.contains("macros lie in one another")
                    });
                    prop_assert!(is_large, "{}: {faults:?}", both.ours);
                    return Ok(());
                }
            };
            prop_assert_eq!(&verdict.uncomputable, &None);
            let authority = authority(&both.cel, &raw).map_err(|error| {
                TestCaseError::fail(format!("{}: {error}", both.cel))
            })?;
            prop_assert_eq!(verdict.holds, authority, "{}\n{}\n{}", both.ours, both.cel, raw);
        }
    }
}

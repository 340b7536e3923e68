//! What is worked out of many values: item by item, so that no list is made.

use std::collections::HashSet;
use std::ops::ControlFlow;

use xxhash_rust::xxh3::xxh3_64;

use super::Evaluator;
use crate::expr::program::{Condition, Element, Extreme, Operand, Sequence, Source};
use crate::expr::{Days, Number};
use crate::tape::Tag;

/// A list that isn't there, or of which nobody knows which items are meant.
pub struct NoList;

/// Takes in what is known of one more item: what is `decisive` decides.
fn decide(result: &mut Option<bool>, holds: Option<bool>, decisive: bool) -> ControlFlow<()> {
    match holds {
        Some(holds) if holds == decisive => {
            *result = Some(decisive);
            ControlFlow::Break(())
        }
        Some(_) => ControlFlow::Continue(()),
        None => {
            *result = None;
            ControlFlow::Continue(())
        }
    }
}

/// What is told of two items: their numbers, and whether they are in order.
type Pair = ((usize, usize), Option<bool>);

/// Tells whether a number may stand behind the greatest one before it, and keeps the greater.
fn tell_of_number(
    greatest: &mut Option<(usize, Number)>,
    at: usize,
    item: Option<Number>,
    tell: &mut impl FnMut(Option<Pair>) -> ControlFlow<()>,
) -> ControlFlow<()> {
    let Some(item) = item else { return tell(None) };
    let Some((which, before)) = *greatest else {
        *greatest = Some((at, item));
        return ControlFlow::Continue(());
    };
    let sorted = before.compare(item).is_le();
    if sorted {
        *greatest = Some((at, item));
    }
    tell(Some(((which, at), Some(sorted))))
}

/// Hashes that were met. Most lists are short, and are gone through faster than a table is made.
#[derive(Default)]
struct Seen {
    few: Vec<u64>,
    many: HashSet<u64>,
}

impl Seen {
    const FEW: usize = 16;

    /// Adds a hash; false if it was met before.
    fn insert(&mut self, hash: u64) -> bool {
        if self.many.is_empty() {
            if self.few.contains(&hash) {
                return false;
            }
            if self.few.len() < Self::FEW {
                self.few.push(hash);
                return true;
            }
            self.many.extend(self.few.iter());
        }
        self.many.insert(hash)
    }
}

impl<'t> Evaluator<'t, '_> {
    /// Goes through the items of a list for which its filters hold, with their numbers. Filters are looked at
    /// to the end, as in CEL, where a list is filtered before anything is said of it.
    pub fn each<'p>(
        &mut self,
        sequence: &'p Sequence,
        mut visit: impl FnMut(&mut Self, &'p Element, usize) -> ControlFlow<()>,
    ) -> Result<(), NoList> {
        let mut is_open = true;
        // Whether other items are looked at.
        let mut look = |evaluator: &mut Self, element: &'p Element, number: usize| {
            if !evaluator.steps(1, &sequence.span) {
                return Err(NoList);
            }
            if evaluator.passes(&element.filters)? && is_open {
                is_open = visit(evaluator, element, number).is_continue();
            }
            Ok(is_open || !element.filters.is_empty())
        };
        match &sequence.source {
            Source::Listed(elements) => {
                for (number, element) in elements.iter().enumerate() {
                    if !look(self, element, number)? {
                        break;
                    }
                }
                Ok(())
            }
            Source::List { list, depth, element, .. } => {
                let list = self.value(list).filter(|it| it.tag() == Tag::Array).ok_or(NoList)?;
                let before = self.frame.items[*depth];
                let mut result = Ok(());
                for (number, item) in list.items().enumerate() {
                    self.frame.items[*depth] = Some(item);
                    match look(self, element, number) {
                        Ok(true) => {}
                        Ok(false) => break,
                        Err(error) => {
                            result = Err(error);
                            break;
                        }
                    }
                }
                self.frame.items[*depth] = before;
                result
            }
        }
    }

    /// Whether an item meets the filters, one after the other.
    fn passes(&mut self, filters: &[Condition]) -> Result<bool, NoList> {
        for filter in filters {
            if !self.condition(filter).ok_or(NoList)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The condition of an item of a macro.
    pub fn meets(&mut self, element: &Element) -> Option<bool> {
        match &element.value {
            Some(Operand::Condition(condition)) => self.condition(condition),
            _ => None,
        }
    }

    /// `all`, for which false is decisive, and `exists`, for which true is.
    pub(super) fn quantified(&mut self, sequence: &Sequence, decisive: bool) -> Option<bool> {
        let mut result = Some(!decisive);
        let all = self.each(sequence, |evaluator, element, _| {
            let holds = evaluator.meets(element);
            decide(&mut result, holds, decisive)
        });
        all.ok().and(result)
    }

    pub(super) fn exists_one(&mut self, sequence: &Sequence) -> Option<bool> {
        let mut count = Some(0);
        let all = self.each(sequence, |evaluator, element, _| {
            // As in CEL, an item of which nobody knows is one too many.
            let holds = evaluator.meets(element);
            count = count.zip(holds).map(|(count, holds)| count + usize::from(holds));
            if count.is_none() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        all.ok().and(count).map(|count| count == 1)
    }

    pub(super) fn is_in(&mut self, value: &Operand, sequence: &Sequence) -> Option<bool> {
        // What is missing isn't in an empty list, either.
        self.is_known(value).then_some(())?;
        let mut result = Some(false);
        let all = self.each(sequence, |evaluator, element, _| {
            let item = element.value.as_ref();
            let equal = item.and_then(|item| evaluator.equal(value, item, &sequence.span));
            decide(&mut result, equal, true)
        });
        all.ok().and(result)
    }

    fn is_known(&mut self, value: &Operand) -> bool {
        match value {
            Operand::Number(it) => self.number(it).is_some(),
            Operand::Date(it) => self.date(it).is_some(),
            Operand::Text(it) => self.text(it).is_some(),
            Operand::Condition(it) => self.condition(it).is_some(),
        }
    }

    pub(super) fn size(&mut self, sequence: &Sequence) -> Option<Number> {
        // Most ask for the whole list.
        if let Source::List { list, element, .. } = &sequence.source
            && element.filters.is_empty()
        {
            let list = self.value(list).filter(|it| it.tag() == Tag::Array)?;
            return Some(Number::Integer(list.len() as i64));
        }
        let mut size = 0;
        let all = self.each(sequence, |_, _, _| {
            size += 1;
            ControlFlow::Continue(())
        });
        all.ok().map(|()| Number::Integer(size))
    }

    /// Brings the numbers of a list together; none if one is missing.
    fn fold_numbers(
        &mut self,
        sequence: &Sequence,
        mut with: impl FnMut(&mut Self, Option<Number>, Number) -> Option<Number>,
    ) -> Option<Option<Number>> {
        let mut result = Some(None);
        let all = self.each(sequence, |evaluator, element, _| {
            let number = match &element.value {
                Some(Operand::Number(number)) => evaluator.number(number),
                _ => None,
            };
            let known = result.flatten();
            result = number.and_then(|number| with(evaluator, known, number)).map(Some);
            if result.is_none() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        all.ok().and(result)
    }

    pub(super) fn sum(&mut self, sequence: &Sequence) -> Option<Number> {
        let sum = self.fold_numbers(sequence, |evaluator, sum, number| {
            let sum = sum.unwrap_or(Number::ZERO).plus(number);
            evaluator.computed(sum, &sequence.span)
        });
        sum.map(|sum| sum.unwrap_or(Number::ZERO))
    }

    pub(super) fn extreme_number(
        &mut self,
        extreme: Extreme,
        sequence: &Sequence,
    ) -> Option<Number> {
        let number = self.fold_numbers(sequence, |_, known, number| {
            let replaces = known.is_none_or(|known| match extreme {
                Extreme::Least => number.compare(known).is_lt(),
                Extreme::Greatest => number.compare(known).is_gt(),
            });
            if replaces { Some(number) } else { known }
        });
        number.flatten()
    }

    pub(super) fn extreme_date(&mut self, extreme: Extreme, sequence: &Sequence) -> Option<Days> {
        let mut result: Option<Days> = None;
        let mut known = true;
        let all = self.each(sequence, |evaluator, element, _| {
            let days = match &element.value {
                Some(Operand::Date(date)) => evaluator.date(date),
                _ => None,
            };
            let Some(days) = days else {
                known = false;
                return ControlFlow::Break(());
            };
            result = Some(result.map_or(days, |other| match extreme {
                Extreme::Least => {
                    Days { first: days.first.min(other.first), last: days.last.min(other.last) }
                }
                Extreme::Greatest => {
                    Days { first: days.first.max(other.first), last: days.last.max(other.last) }
                }
            }));
            ControlFlow::Continue(())
        });
        all.ok().and(result).filter(|_| known)
    }

    pub(super) fn is_sorted(&mut self, sequence: &Sequence) -> Option<bool> {
        let mut result = Some(true);
        let all = self.each_pair(sequence, |pair| {
            match pair {
                Some((_, order)) => match order {
                    Some(true) => {}
                    Some(false) => {
                        result = Some(false);
                        return ControlFlow::Break(());
                    }
                    None => result = None,
                },
                None => result = None,
            }
            ControlFlow::Continue(())
        });
        all.ok().and(result)
    }

    /// Goes through a list and tells of each item after the first whether it may stand behind all that come
    /// before it, with the number of the one that decides; none where the item is missing.
    pub fn each_pair(
        &mut self,
        sequence: &Sequence,
        mut tell: impl FnMut(Option<Pair>) -> ControlFlow<()>,
    ) -> Result<(), NoList> {
        let are_instants = sequence.instants().is_some();
        let mut number: Option<(usize, Number)> = None;
        let mut text: Option<(usize, String)> = None;
        // The greatest first day and the greatest last day so far.
        let mut days: Option<((usize, i32), i32)> = None;
        self.each(sequence, |evaluator, element, at| {
            let value = element.value.as_ref();
            match value {
                Some(Operand::Date(item)) if are_instants => {
                    let item = evaluator.moment(item);
                    tell_of_number(&mut number, at, item, &mut tell)
                }
                Some(Operand::Number(item)) => {
                    let item = evaluator.number(item);
                    tell_of_number(&mut number, at, item, &mut tell)
                }
                Some(Operand::Text(item)) => {
                    let Some(item) = evaluator.text(item) else { return tell(None) };
                    let step = item.len() / super::BYTES_A_STEP;
                    if !evaluator.steps(step, &sequence.span) {
                        return ControlFlow::Break(());
                    }
                    let Some((which, greatest)) = &text else {
                        text = Some((at, item.to_owned()));
                        return ControlFlow::Continue(());
                    };
                    let (which, sorted) = (*which, greatest.as_str() <= item);
                    if sorted {
                        text = Some((at, item.to_owned()));
                    }
                    tell(Some(((which, at), Some(sorted))))
                }
                Some(Operand::Date(item)) => {
                    let Some(item) = evaluator.date(item) else { return tell(None) };
                    let Some(((which, first), last)) = days else {
                        days = Some(((at, item.first), item.last));
                        return ControlFlow::Continue(());
                    };
                    let greatest =
                        if item.first > first { (at, item.first) } else { (which, first) };
                    days = Some((greatest, last.max(item.last)));
                    let sorted = if first > item.last {
                        Some(false)
                    } else {
                        (last <= item.first).then_some(true)
                    };
                    tell(Some(((which, at), sorted)))
                }
                Some(Operand::Condition(_)) | None => tell(None),
            }
        })
    }

    pub(super) fn is_unique(&mut self, sequence: &Sequence) -> Option<bool> {
        let mut result = Some(true);
        let mut seen = Seen::default();
        let all = self.each(sequence, |evaluator, element, _| {
            let hash = element.value.as_ref().and_then(|it| evaluator.hash(it));
            match hash {
                Some(hash) if !seen.insert(hash) => {
                    result = Some(false);
                    return ControlFlow::Break(());
                }
                Some(_) => {}
                None => result = None,
            }
            ControlFlow::Continue(())
        });
        all.ok().and(result)
    }

    /// What equal values have in common; none if nobody knows.
    pub fn hash(&mut self, value: &Operand) -> Option<u64> {
        Some(match value {
            Operand::Number(number) => {
                let number = self.number(number)?;
                match (number.canonical(), number) {
                    (Some(decimal), _) => {
                        let mut bytes = [0; 18];
                        bytes[..16].copy_from_slice(&decimal.coefficient.to_le_bytes());
                        bytes[16..].copy_from_slice(&decimal.scale.to_le_bytes());
                        xxh3_64(&bytes)
                    }
                    (None, Number::Double(double)) => xxh3_64(&double.to_bits().to_le_bytes()),
                    (None, _) => return None,
                }
            }
            Operand::Date(date) if date.instant().is_some() => {
                xxh3_64(&self.moment(date)?.canonical()?.coefficient.to_le_bytes())
            }
            Operand::Date(date) => xxh3_64(&self.date(date)?.day()?.to_le_bytes()),
            Operand::Text(text) => {
                let value = self.text(text)?;
                self.steps(value.len() / super::BYTES_A_STEP, &text.span).then_some(())?;
                xxh3_64(value.as_bytes())
            }
            Operand::Condition(condition) => u64::from(self.condition(condition)?),
        })
    }
}

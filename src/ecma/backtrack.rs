//! Patterns with backreferences: what a group took decides what comes later, so that ways through a
//! text are tried one after the other, in the order of ECMA-262. That may take very long; the steps are
//! counted.

use super::automaton::contains;
use super::characters::Set;
use super::parse::{Node, Parsed};
use super::{Budget, STATES_MAX, Verdict, is_boundary};

/// A pattern as steps.
#[derive(Debug)]
pub(super) struct Backtracker {
    steps: Vec<Step>,
    sets: Vec<Set>,
    registers: usize,
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Take {
        set: usize,
        backwards: bool,
    },
    Start,
    End,
    Boundary {
        inverted: bool,
    },
    /// The look-around's steps follow, up to `Found`; then it goes on at `next`.
    Look {
        negated: bool,
        next: usize,
    },
    /// Notes the position in a register.
    Note {
        register: usize,
    },
    /// Forgets what a group took.
    Forget {
        first: usize,
        end: usize,
    },
    Back {
        group: usize,
        backwards: bool,
    },
    /// Goes to the first, and to the second if that fails.
    Either {
        first: usize,
        second: usize,
    },
    Jump(usize),
    /// Begins to count in a register; the next one keeps where a round began.
    Count {
        register: usize,
    },
    /// Begins another round, or goes on behind the loop.
    Round {
        register: usize,
        min: u32,
        max: Option<u32>,
        greedy: bool,
        next: usize,
    },
    /// A round that took nothing leads nowhere, if no more rounds are needed.
    Again {
        register: usize,
        min: u32,
        head: usize,
    },
    Found,
}

/// Registers of a group: where it begins and ends.
fn registers(group: usize) -> (usize, usize) {
    (2 * group, 2 * group + 1)
}

/// No position.
const UNSET: usize = usize::MAX;

impl Backtracker {
    /// Compiles a pattern; none if it is too large.
    pub fn new(parsed: &Parsed) -> Option<Self> {
        let mut it = Self { steps: Vec::new(), sets: Vec::new(), registers: 2 * parsed.groups };
        it.node(&parsed.root, false)?;
        it.steps.push(Step::Found);
        Some(it)
    }

    fn node(&mut self, node: &Node, backwards: bool) -> Option<()> {
        if self.steps.len() > STATES_MAX {
            return None;
        }
        match node {
            Node::Empty => {}
            Node::Set(set) => {
                self.sets.push(set.clone());
                self.steps.push(Step::Take { set: self.sets.len() - 1, backwards });
            }
            Node::Start => self.steps.push(Step::Start),
            Node::End => self.steps.push(Step::End),
            Node::Boundary { inverted } => {
                self.steps.push(Step::Boundary { inverted: *inverted });
            }
            Node::Look { ahead, negated, inner } => {
                let look = self.steps.len();
                self.steps.push(Step::Found);
                self.node(inner, !ahead)?;
                self.steps.push(Step::Found);
                self.steps[look] = Step::Look { negated: *negated, next: self.steps.len() };
            }
            Node::Group { number: None, inner } => self.node(inner, backwards)?,
            Node::Group { number: Some(group), inner } => {
                let (begins, ends) = registers(*group);
                let (first, last) = if backwards { (ends, begins) } else { (begins, ends) };
                // It has taken something once both are noted: each round forgets both.
                self.steps.push(Step::Note { register: first });
                self.node(inner, backwards)?;
                self.steps.push(Step::Note { register: last });
            }
            Node::Back(group) => self.steps.push(Step::Back { group: *group, backwards }),
            Node::Sequence(nodes) => {
                for index in 0..nodes.len() {
                    let index = if backwards { nodes.len() - 1 - index } else { index };
                    self.node(&nodes[index], backwards)?;
                }
            }
            Node::Either(nodes) => {
                let mut leaving = Vec::new();
                for (index, node) in nodes.iter().enumerate() {
                    if index + 1 == nodes.len() {
                        self.node(node, backwards)?;
                        break;
                    }
                    let either = self.steps.len();
                    self.steps.push(Step::Found);
                    self.node(node, backwards)?;
                    leaving.push(self.steps.len());
                    self.steps.push(Step::Found);
                    let second = self.steps.len();
                    self.steps[either] = Step::Either { first: either + 1, second };
                }
                let end = self.steps.len();
                for at in leaving {
                    self.steps[at] = Step::Jump(end);
                }
            }
            Node::Repeat { inner, min, max, greedy, groups } => {
                let register = self.registers;
                self.registers += 2;
                self.steps.push(Step::Count { register });
                let head = self.steps.len();
                self.steps.push(Step::Found);
                if !groups.is_empty() {
                    self.steps.push(Step::Forget { first: groups.start, end: groups.end });
                }
                self.node(inner, backwards)?;
                self.steps.push(Step::Again { register, min: *min, head });
                let (min, max, greedy, next) = (*min, *max, *greedy, self.steps.len());
                self.steps[head] = Step::Round { register, min, max, greedy, next };
            }
        }
        Some(())
    }
}

/// What is tried when a way ends, from the top.
enum Later {
    /// Another way.
    Try { step: usize, position: usize },
    /// A register had another value before.
    Restore { register: usize, value: usize },
}

/// One text, and how far it was gone through.
struct Run<'r> {
    pattern: &'r Backtracker,
    text: &'r [char],
    registers: Vec<usize>,
    later: Vec<Later>,
    budget: Budget,
}

impl Backtracker {
    pub fn find(&self, text: &str) -> Verdict {
        let text: Vec<char> = text.chars().collect();
        let budget = Budget::of(&text);
        let registers = vec![UNSET; self.registers];
        let mut run = Run { pattern: self, text: &text, registers, later: Vec::new(), budget };
        for start in 0..=text.len() {
            match run.from(0, start) {
                Some(true) => return Verdict::Match,
                Some(false) => {}
                None => return Verdict::Undecided,
            }
            if matches!(self.steps.first(), Some(Step::Start)) {
                break;
            }
        }
        Verdict::NoMatch
    }
}

impl Run<'_> {
    /// Whether some way from a step and position ends well; none if that takes too many steps. Where
    /// none does, registers are as they were before.
    fn from(&mut self, mut step: usize, mut position: usize) -> Option<bool> {
        let bottom = self.later.len();
        loop {
            if !self.budget.step() {
                return None;
            }
            let goes_on = match self.pattern.steps[step] {
                Step::Found => {
                    // The other ways aren't tried any more, but registers may yet be restored.
                    let mut index = 0;
                    self.later.retain(|later| {
                        index += 1;
                        index <= bottom || matches!(later, Later::Restore { .. })
                    });
                    return Some(true);
                }
                Step::Take { set, backwards } => {
                    let letter = self.next(&mut position, backwards);
                    letter.is_some_and(|letter| contains(&self.pattern.sets[set], letter))
                }
                Step::Start => position == 0,
                Step::End => position == self.text.len(),
                Step::Boundary { inverted } => is_boundary(self.text, position) != inverted,
                Step::Look { negated, next } => {
                    let before = self.later.len();
                    let found = self.from(step + 1, position)?;
                    if negated && found {
                        self.restore(before);
                    }
                    step = next - 1;
                    found != negated
                }
                Step::Note { register } => {
                    self.set(register, position);
                    true
                }
                Step::Forget { first, end } => {
                    for group in first..end {
                        let (begins, ends) = registers(group);
                        self.set(begins, UNSET);
                        self.set(ends, UNSET);
                    }
                    true
                }
                Step::Back { group, backwards } => self.repeats(group, &mut position, backwards)?,
                Step::Either { first, second } => {
                    self.later.push(Later::Try { step: second, position });
                    step = first - 1;
                    true
                }
                Step::Jump(to) => {
                    step = to;
                    continue;
                }
                Step::Count { register } => {
                    self.set(register, 0);
                    true
                }
                Step::Round { register, min, max, greedy, next } => {
                    let rounds = self.registers[register];
                    let inside = step + 1;
                    let (first, second) = if rounds < min as usize {
                        (inside, None)
                    } else if max.is_some_and(|max| rounds >= max as usize) {
                        (next, None)
                    } else if greedy {
                        (inside, Some(next))
                    } else {
                        (next, Some(inside))
                    };
                    self.set(register + 1, position);
                    if let Some(second) = second {
                        self.later.push(Later::Try { step: second, position });
                    }
                    step = first;
                    continue;
                }
                Step::Again { register, min, head } => {
                    let rounds = self.registers[register];
                    let is_empty = self.registers[register + 1] == position;
                    if is_empty && rounds >= min as usize {
                        false
                    } else {
                        self.set(register, rounds + 1);
                        step = head;
                        continue;
                    }
                }
            };
            step += 1;
            if !goes_on {
                (step, position) = match self.another(bottom) {
                    Some(way) => way,
                    None => return Some(false),
                };
            }
        }
    }

    /// The next way that is left above `bottom`.
    fn another(&mut self, bottom: usize) -> Option<(usize, usize)> {
        while self.later.len() > bottom {
            match self.later.pop()? {
                Later::Try { step, position } => return Some((step, position)),
                Later::Restore { register, value } => self.registers[register] = value,
            }
        }
        None
    }

    fn restore(&mut self, bottom: usize) {
        while self.another(bottom).is_some() {}
    }

    fn set(&mut self, register: usize, value: usize) {
        let before = std::mem::replace(&mut self.registers[register], value);
        if before != value {
            self.later.push(Later::Restore { register, value: before });
        }
    }

    fn next(&self, position: &mut usize, backwards: bool) -> Option<char> {
        if backwards {
            *position = position.checked_sub(1)?;
            return self.text.get(*position).copied();
        }
        *position += 1;
        self.text.get(*position - 1).copied()
    }

    /// Whether what a group took stands here again; a group that took nothing is always there. None if
    /// that takes too many steps.
    fn repeats(&mut self, group: usize, position: &mut usize, backwards: bool) -> Option<bool> {
        let (begins, ends) = registers(group);
        let (begins, ends) = (self.registers[begins], self.registers[ends]);
        if begins == UNSET || ends == UNSET {
            return Some(true);
        }
        for index in 0..ends - begins {
            if !self.budget.step() {
                return None;
            }
            let at = if backwards { ends - 1 - index } else { begins + index };
            if self.next(position, backwards) != Some(self.text[at]) {
                return Some(false);
            }
        }
        Some(true)
    }
}

//! Patterns with look-around, or with many states: all ways through a text are gone at once, so that
//! its length counts once.
//!
//! What a look-around finds is worked out for all positions of a text before what it stands in: a
//! look-behind forwards from everywhere, a look-ahead backwards. So none is tried anew at each position.

use super::characters::Set;
use super::parse::Node;
use super::{Budget, STATES_MAX, Verdict, is_boundary};

/// A pattern with its look-arounds, the inner ones first.
#[derive(Debug)]
pub(super) struct Automaton {
    looks: Vec<Program>,
    whole: Program,
    sets: Vec<Set>,
}

/// States that lead to one another.
#[derive(Debug)]
struct Program {
    states: Vec<State>,
    start: usize,
    /// Reads the text from its end.
    backwards: bool,
}

#[derive(Clone, Copy, Debug)]
enum State {
    /// Takes a character of a set.
    Take {
        set: usize,
        next: usize,
    },
    /// Goes on if something is so at this position.
    If {
        what: Assertion,
        next: usize,
    },
    Either(usize, usize),
    Found,
}

#[derive(Clone, Copy, Debug)]
enum Assertion {
    Start,
    End,
    Boundary { inverted: bool },
    Look { index: usize, negated: bool },
}

impl Automaton {
    /// Compiles a pattern; none if it is too large.
    pub fn new(root: &Node) -> Option<Self> {
        let mut builder = Builder { looks: Vec::new(), sets: Vec::new(), steps: 0 };
        let whole = builder.program(root, false)?;
        Some(Self { looks: builder.looks, whole, sets: builder.sets })
    }

    pub fn find(&self, text: &str) -> Verdict {
        let text: Vec<char> = text.chars().collect();
        let mut budget = Budget::of(&text);
        let mut found: Vec<Vec<bool>> = Vec::new();
        for look in &self.looks {
            let Some(positions) = self.run(look, &text, &found, false, &mut budget) else {
                return Verdict::Undecided;
            };
            found.push(positions);
        }
        match self.run(&self.whole, &text, &found, true, &mut budget) {
            Some(positions) => positions.contains(&true).into(),
            None => Verdict::Undecided,
        }
    }

    /// The positions at which a way through the program ends, whichever it began at; with `first`, one
    /// is enough. None if that takes too many steps.
    fn run(
        &self,
        program: &Program,
        text: &[char],
        looks: &[Vec<bool>],
        first: bool,
        budget: &mut Budget,
    ) -> Option<Vec<bool>> {
        let mut found = vec![false; text.len() + 1];
        let mut seen = vec![usize::MAX; program.states.len()];
        let (mut open, mut next) = (Vec::new(), Vec::new());
        for read in 0..=text.len() {
            let position = if program.backwards { text.len() - read } else { read };
            let letter = match program.backwards {
                true => position.checked_sub(1).map(|before| text[before]),
                false => text.get(position).copied(),
            };
            open.push(program.start);
            while let Some(index) = open.pop() {
                if std::mem::replace(&mut seen[index], read) == read {
                    continue;
                }
                if !budget.step() {
                    return None;
                }
                match program.states[index] {
                    State::Take { set, next: after } => {
                        if letter.is_some_and(|letter| contains(&self.sets[set], letter)) {
                            next.push(after);
                        }
                    }
                    State::If { what, next } => {
                        let holds = match what {
                            Assertion::Start => position == 0,
                            Assertion::End => position == text.len(),
                            Assertion::Boundary { inverted } => {
                                is_boundary(text, position) != inverted
                            }
                            Assertion::Look { index, negated } => looks[index][position] != negated,
                        };
                        if holds {
                            open.push(next);
                        }
                    }
                    State::Either(one, other) => open.extend([one, other]),
                    State::Found => found[position] = true,
                }
            }
            if first && found[position] {
                return Some(found);
            }
            std::mem::swap(&mut open, &mut next);
        }
        Some(found)
    }
}

/// Whether a set has a character.
pub(super) fn contains(set: &Set, letter: char) -> bool {
    let ranges = set.ranges();
    let after = ranges.partition_point(|range| range.start() <= letter);
    after.checked_sub(1).is_some_and(|index| letter <= ranges[index].end())
}

struct Builder {
    looks: Vec<Program>,
    sets: Vec<Set>,
    /// Nodes that were visited: also an empty one, repeated, takes time.
    steps: usize,
}

impl Builder {
    fn program(&mut self, root: &Node, backwards: bool) -> Option<Program> {
        let mut program = Program { states: vec![State::Found], start: 0, backwards };
        program.start = self.node(root, 0, &mut program)?;
        Some(program)
    }

    /// Adds the states of a node, which lead to `next`. Returns the first.
    fn node(&mut self, node: &Node, next: usize, program: &mut Program) -> Option<usize> {
        self.steps += 1;
        if self.steps > STATES_MAX {
            return None;
        }
        Some(match node {
            Node::Empty => next,
            Node::Set(set) => {
                let set = self.set(set);
                program.add(State::Take { set, next })
            }
            Node::Start => program.add(State::If { what: Assertion::Start, next }),
            Node::End => program.add(State::If { what: Assertion::End, next }),
            Node::Boundary { inverted } => {
                let what = Assertion::Boundary { inverted: *inverted };
                program.add(State::If { what, next })
            }
            Node::Look { ahead, negated, inner } => {
                // Read towards the position that it is asked about.
                let look = self.program(inner, *ahead)?;
                self.looks.push(look);
                let index = self.looks.len() - 1;
                program.add(State::If { what: Assertion::Look { index, negated: *negated }, next })
            }
            Node::Back(_) => return None,
            Node::Group { inner, .. } => self.node(inner, next, program)?,
            Node::Sequence(nodes) => {
                let mut next = next;
                // From the last to the first, as each leads to the one before.
                for index in 0..nodes.len() {
                    let index = if program.backwards { index } else { nodes.len() - 1 - index };
                    next = self.node(&nodes[index], next, program)?;
                }
                next
            }
            Node::Either(nodes) => {
                let mut first = self.node(nodes.last()?, next, program)?;
                for node in nodes.iter().rev().skip(1) {
                    let other = self.node(node, next, program)?;
                    first = program.add(State::Either(other, first));
                }
                first
            }
            Node::Repeat { inner, min, max, .. } => {
                let mut first = next;
                match max {
                    None => {
                        let again = program.add(State::Found);
                        let body = self.node(inner, again, program)?;
                        program.states[again] = State::Either(body, next);
                        first = again;
                    }
                    Some(max) => {
                        for _ in *min..*max {
                            let body = self.node(inner, first, program)?;
                            first = program.add(State::Either(body, next));
                        }
                    }
                }
                for _ in 0..*min {
                    first = self.node(inner, first, program)?;
                }
                first
            }
        })
    }

    fn set(&mut self, set: &Set) -> usize {
        // Repeated nodes come one after the other, so that the last few are enough to look at.
        let recent = self.sets.len().saturating_sub(8);
        match self.sets[recent..].iter().position(|known| known == set) {
            Some(index) => recent + index,
            None => {
                self.sets.push(set.clone());
                self.sets.len() - 1
            }
        }
    }
}

impl Program {
    fn add(&mut self, state: State) -> usize {
        self.states.push(state);
        self.states.len() - 1
    }
}

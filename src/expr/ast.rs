//! The syntax of an expression, before anybody knows what its names mean.

use super::{Number, Span};

/// A part of an expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Ast {
    /// What it is.
    pub node: Node,
    /// Its bytes, with all that belongs to it.
    pub span: Span,
}

/// What a part of an expression is.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    /// `12`, `0.5`.
    Number(Number),
    /// `'text'`.
    Text(String),
    /// `true`, `false`.
    Boolean(bool),
    /// A name that stands alone.
    Name(String),
    /// `of.name`, `of.?name`.
    Member {
        /// What has it.
        of: Box<Ast>,
        /// Its name.
        name: String,
        /// The bytes of the name.
        at: Span,
        /// Whether `.?` stands before it.
        optional: bool,
    },
    /// `name(…)`, `on.name(…)`.
    Call {
        /// What stands before the point.
        on: Option<Box<Ast>>,
        /// The function or macro.
        name: String,
        /// The bytes of the name.
        at: Span,
        /// What stands in the parentheses.
        arguments: Vec<Ast>,
    },
    /// `[a, b]`.
    List(Vec<Ast>),
    /// `!a`.
    Not(Box<Ast>),
    /// `-a`.
    Negative(Box<Ast>),
    /// `a op b`.
    Binary(Operator, Box<Ast>, Box<Ast>),
    /// `a ? b : c`.
    Choice(Box<[Ast; 3]>),
}

/// What stands between two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `||`
    Or,
    /// `&&`
    And,
    /// `==`, `!=`, `<`, `<=`, `>`, `>=`
    Compare(Comparison),
    /// `in`
    In,
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
}

/// How two values are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `==`
    Equal,
    /// `!=`
    Different,
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    More,
    /// `>=`
    AtLeast,
}

impl Comparison {
    /// The same with its operands the other way round.
    #[must_use]
    pub fn mirrored(self) -> Self {
        match self {
            Self::Equal | Self::Different => self,
            Self::Less => Self::More,
            Self::AtMost => Self::AtLeast,
            Self::More => Self::Less,
            Self::AtLeast => Self::AtMost,
        }
    }

    /// What holds where this doesn't.
    #[must_use]
    pub fn opposite(self) -> Self {
        match self {
            Self::Equal => Self::Different,
            Self::Different => Self::Equal,
            Self::Less => Self::AtLeast,
            Self::AtMost => Self::More,
            Self::More => Self::AtMost,
            Self::AtLeast => Self::Less,
        }
    }

    /// Whether it asks which of two is the smaller one.
    #[must_use]
    pub fn is_order(self) -> bool {
        !matches!(self, Self::Equal | Self::Different)
    }

    /// Whether it holds for two values of this order.
    #[inline]
    #[must_use]
    pub fn holds(self, order: std::cmp::Ordering) -> bool {
        match self {
            Self::Equal => order.is_eq(),
            Self::Different => order.is_ne(),
            Self::Less => order.is_lt(),
            Self::AtMost => order.is_le(),
            Self::More => order.is_gt(),
            Self::AtLeast => order.is_ge(),
        }
    }
}

impl Ast {
    /// The parts that `&&` joins, the part itself if there is none.
    #[must_use]
    pub fn conjuncts(&self) -> Vec<&Ast> {
        let mut parts = Vec::new();
        let mut left = self;
        while let Node::Binary(Operator::And, before, last) = &left.node {
            parts.push(last.conjuncts());
            left = before;
        }
        parts.push(vec![left]);
        parts.into_iter().rev().flatten().collect()
    }
}

//! From text to syntax: the grammar of CEL, as far as expressions take it.

use super::ast::{Ast, Comparison, Node, Operator};
use super::lex::{Lexer, Token};
use super::{BYTES_MAX, DEPTH_MAX, Decimal, Fault, NODES_MAX, Number, Span};

/// Words that CEL keeps for itself.
const RESERVED: [&str; 17] = [
    "as",
    "break",
    "const",
    "continue",
    "else",
    "for",
    "function",
    "if",
    "import",
    "let",
    "loop",
    "package",
    "namespace",
    "return",
    "var",
    "void",
    "while",
];

/// Reads an expression.
///
/// # Errors
/// When it is none, uses what is refused, or is over a limit.
pub fn parse(text: &str) -> Result<Ast, Fault> {
    if text.len() > BYTES_MAX {
        let message = format!("the expression has {} bytes, and {BYTES_MAX} may be", text.len());
        return Err(Fault::new(0..text.len(), message).help("split it in two"));
    }
    let mut lexer = Lexer::new(text);
    let (token, span) = lexer.next()?;
    let mut parser = Parser { lexer, token, span, end: 0, depth: 0, nodes: 0 };
    if parser.token == Token::End {
        return Err(Fault::new(0..text.len(), "the expression is empty"));
    }
    let ast = parser.choice()?;
    if parser.token == Token::End { Ok(ast) } else { Err(parser.unexpected("an operator")) }
}

struct Parser<'s> {
    lexer: Lexer<'s>,
    token: Token<'s>,
    span: Span,
    /// Where the token before ends.
    end: usize,
    depth: usize,
    nodes: usize,
}

/// How tightly what stands between two operands binds them.
fn strength(token: &Token<'_>) -> Option<(u8, Operator)> {
    Some(match token {
        Token::Sign("||") => (1, Operator::Or),
        Token::Sign("&&") => (2, Operator::And),
        Token::Sign("==") => (3, Operator::Compare(Comparison::Equal)),
        Token::Sign("!=") => (3, Operator::Compare(Comparison::Different)),
        Token::Sign("<") => (3, Operator::Compare(Comparison::Less)),
        Token::Sign("<=") => (3, Operator::Compare(Comparison::AtMost)),
        Token::Sign(">") => (3, Operator::Compare(Comparison::More)),
        Token::Sign(">=") => (3, Operator::Compare(Comparison::AtLeast)),
        Token::Name("in") => (3, Operator::In),
        Token::Sign("+") => (4, Operator::Add),
        Token::Sign("-") => (4, Operator::Subtract),
        Token::Sign("*") => (5, Operator::Multiply),
        _ => return None,
    })
}

impl<'s> Parser<'s> {
    fn advance(&mut self) -> Result<Span, Fault> {
        let (token, span) = self.lexer.next()?;
        self.token = token;
        self.end = self.span.end;
        Ok(std::mem::replace(&mut self.span, span))
    }

    fn is(&self, sign: &str) -> bool {
        matches!(self.token, Token::Sign(it) if it == sign)
    }

    fn take(&mut self, sign: &str) -> Result<bool, Fault> {
        let is = self.is(sign);
        if is {
            self.advance()?;
        }
        Ok(is)
    }

    fn expect(&mut self, sign: &str) -> Result<(), Fault> {
        if self.take(sign)? { Ok(()) } else { Err(self.unexpected(&format!("`{sign}`"))) }
    }

    fn unexpected(&self, wanted: &str) -> Fault {
        let fault = |message: String| Fault::new(self.span.clone(), message);
        match &self.token {
            Token::End => fault(format!("the expression ends where {wanted} is expected")),
            Token::Sign(sign @ ("/" | "%")) => {
                fault(format!("there is no `{sign}`")).help("multiply instead: `a * 2 >= b`")
            }
            Token::Sign("[") => fault("a list has no positions here".to_owned())
                .help("say it of items: `list.exists(item, …)`, `list.all(item, …)`"),
            Token::Sign("{") => fault("there are no maps and messages".to_owned()),
            Token::Sign(sign) => fault(format!("`{sign}` stands where {wanted} is expected")),
            Token::Name("and") => fault("`and` is written `&&`".to_owned()),
            Token::Name("or") => fault("`or` is written `||`".to_owned()),
            Token::Name(name) => fault(format!("`{name}` stands where {wanted} is expected")),
            Token::Quoted(_) | Token::Number(_) | Token::Text(_) => {
                fault(format!("a value stands where {wanted} is expected"))
            }
        }
    }

    /// Counts a part that is made.
    fn node(&mut self, node: Node, span: Span) -> Result<Ast, Fault> {
        self.nodes += 1;
        if self.nodes > NODES_MAX {
            let message = format!("the expression has more than {NODES_MAX} parts");
            return Err(Fault::new(span, message).help("split it in two"));
        }
        Ok(Ast { node, span })
    }

    /// Goes one level deeper.
    fn deeper<T>(
        &mut self,
        inside: impl FnOnce(&mut Self) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            let message = format!("more than {DEPTH_MAX} parts lie in one another");
            return Err(Fault::new(self.span.clone(), message).help("split it in two"));
        }
        let result = inside(self);
        self.depth -= 1;
        result
    }

    fn choice(&mut self) -> Result<Ast, Fault> {
        self.deeper(|parser| {
            let condition = parser.binary(0)?;
            if !parser.take("?")? {
                return Ok(condition);
            }
            let holds = parser.binary(0)?;
            parser.expect(":")?;
            let fails = parser.choice()?;
            let span = condition.span.start..fails.span.end;
            parser.node(Node::Choice(Box::new([condition, holds, fails])), span)
        })
    }

    /// Operands between operators that bind more tightly than `least`.
    fn binary(&mut self, least: u8) -> Result<Ast, Fault> {
        let mut left = self.unary()?;
        // Each operand makes what is before it one level deeper.
        let mut levels = 0;
        while let Some((strength, operator)) = strength(&self.token).filter(|it| it.0 > least) {
            self.advance()?;
            let right = self.binary(strength)?;
            let span = left.span.start..right.span.end;
            if !matches!(operator, Operator::And | Operator::Or) {
                levels += 1;
            }
            if self.depth + levels > DEPTH_MAX {
                let message = format!("more than {DEPTH_MAX} operands follow one another");
                return Err(Fault::new(span, message).help("split it in two"));
            }
            let node = Node::Binary(operator, Box::new(left), Box::new(right));
            left = self.node(node, span)?;
        }
        if self.is("/") || self.is("%") {
            return Err(self.unexpected("an operator"));
        }
        Ok(left)
    }

    fn unary(&mut self) -> Result<Ast, Fault> {
        let start = self.span.start;
        if self.is("!") || self.is("-") {
            let is_not = self.is("!");
            self.advance()?;
            return self.deeper(|parser| {
                let inside = parser.unary()?;
                let span = start..inside.span.end;
                if let (false, Node::Number(number)) = (is_not, &inside.node) {
                    let negative =
                        number.negative().expect("a literal has 64 bits or is a decimal");
                    return Ok(Ast { node: Node::Number(negative), span });
                }
                let inside = Box::new(inside);
                parser.node(if is_not { Node::Not(inside) } else { Node::Negative(inside) }, span)
            });
        }
        let mut ast = self.primary()?;
        let mut members = 0;
        loop {
            if self.is("[") || self.is("{") {
                return Err(self.unexpected("an operator"));
            }
            if !self.take(".")? {
                return Ok(ast);
            }
            members += 1;
            if self.depth + members > DEPTH_MAX {
                let message = format!("more than {DEPTH_MAX} names follow one another");
                return Err(Fault::new(ast.span, message));
            }
            ast = self.member(ast)?;
        }
    }

    /// What stands behind a point.
    fn member(&mut self, of: Ast) -> Result<Ast, Fault> {
        let start = of.span.start;
        let optional = self.take("?")?;
        let (name, is_plain) = match self.token {
            Token::Name(name) => (name.to_owned(), true),
            Token::Quoted(name) => (name.to_owned(), false),
            _ => return Err(self.unexpected("a name")),
        };
        let at = self.advance()?;
        if is_plain && !optional && self.is("(") {
            let arguments = self.arguments(")")?;
            let node = Node::Call { on: Some(Box::new(of)), name, at, arguments };
            return self.node(node, start..self.end);
        }
        let end = at.end;
        self.node(Node::Member { of: Box::new(of), name, at, optional }, start..end)
    }

    /// What stands between the sign that is next and the closing one.
    fn arguments(&mut self, closing: &str) -> Result<Vec<Ast>, Fault> {
        self.advance()?;
        let mut arguments = Vec::new();
        while !self.is(closing) {
            arguments.push(self.choice()?);
            if !self.take(",")? {
                break;
            }
        }
        self.expect(closing)?;
        Ok(arguments)
    }

    fn primary(&mut self) -> Result<Ast, Fault> {
        let start = self.span.start;
        match self.token.clone() {
            Token::Number(text) => {
                let span = self.advance()?;
                let number = literal(text, &span)?;
                self.node(Node::Number(number), span)
            }
            Token::Text(text) => {
                let span = self.advance()?;
                self.node(Node::Text(text), span)
            }
            Token::Name(name @ ("true" | "false")) => {
                let span = self.advance()?;
                self.node(Node::Boolean(name == "true"), span)
            }
            Token::Name("null") => Err(Fault::new(self.span.clone(), "there is no `null`")
                .help("ask whether a value is there: `has(self.x)`, `!has(self.x)`")),
            Token::Name("not") => Err(Fault::new(self.span.clone(), "`not` is written `!`")),
            Token::Name(name) if RESERVED.contains(&name) || name == "in" => {
                Err(Fault::new(self.span.clone(), format!("`{name}` can't be a name"))
                    .help("names of properties stand behind `self.`"))
            }
            Token::Name(name) => {
                let at = self.advance()?;
                if self.is("(") {
                    let arguments = self.arguments(")")?;
                    let node = Node::Call { on: None, name: name.to_owned(), at, arguments };
                    return self.node(node, start..self.end);
                }
                self.node(Node::Name(name.to_owned()), at)
            }
            Token::Sign("(") => {
                self.advance()?;
                let inside = self.choice()?;
                self.expect(")")?;
                Ok(Ast { span: start..self.end, ..inside })
            }
            Token::Sign("[") => {
                let items = self.arguments("]")?;
                self.node(Node::List(items), start..self.end)
            }
            _ => Err(self.unexpected("a value")),
        }
    }
}

fn literal(text: &str, span: &Span) -> Result<Number, Fault> {
    let whole = match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(digits) => i128::from_str_radix(digits, 16).ok(),
        None => text.parse::<i128>().ok(),
    };
    // One more than 64 bits hold, for the sign before it.
    if let Some(number) = whole.filter(|number| *number <= 1 << 63) {
        return Ok(Number::whole(number));
    }
    let is_whole =
        text.bytes().all(|byte| byte.is_ascii_alphanumeric() && byte != b'e' && byte != b'E');
    let decimal = Decimal::read(text).filter(|_| !is_whole);
    // What 128 bits don't hold can still be compared.
    let double = || text.parse().ok().filter(|it: &f64| it.is_finite() && *it != 0.0 && !is_whole);
    let number = decimal.map(Number::spelt).or_else(|| double().map(Number::Double));
    number.ok_or_else(|| {
        let is_small = text.contains("e-") || text.contains("E-");
        let what = if is_small { "too small" } else { "too large" };
        Fault::new(span.clone(), format!("the number is {what}"))
    })
}

#[cfg(test)]
mod tests {
    use super::parse;
    use crate::expr::ast::Node;

    #[test]
    fn operators_bind_as_in_cel() {
        let same = |a: &str, b: &str| {
            let plain = |text: &str| {
                let ast = parse(text).unwrap_or_else(|fault| panic!("{text}: {fault:?}"));
                let mut shown = format!("{:?}", ast.node);
                while let Some(at) = shown.find("span: ") {
                    let end = at + shown[at..].find(['}', ',']).expect("a span ends");
                    shown.replace_range(at..end, "");
                }
                while let Some(at) = shown.find("at: ") {
                    let end = at + shown[at..].find(['}', ',']).expect("a span ends");
                    shown.replace_range(at..end, "");
                }
                shown
            };
            assert_eq!(plain(a), plain(b));
        };
        same("a || b && !c", "a || (b && (!c))");
        same("a + b * c - d < e", "((a + (b * c)) - d) < e");
        same("a ? b : c ? d : e", "a ? b : (c ? d : e)");
        same("a.b.c(d, e).f == -1", "((a.b).c(d, e)).f == (-1)");
        same("x in [1, 2,]", "x in ([1, 2])");
        same("a.`b-c` // a comment", "a.`b-c`");
        same("'a\\x41\\u00e9' == \"aA\\303\\251\"", "'aAé' == \"aAÃ©\"");
        same("r'\\d' == '\\\\d'", "'\\\\d' == '\\\\d'");
    }

    #[test]
    fn what_is_refused_says_what_to_write() {
        for (text, expected) in [
            ("a / 2 > b", "there is no `/`"),
            ("a = b", "`=` means nothing here"),
            ("a and b", "`and` is written `&&`"),
            ("a == null", "there is no `null`"),
            ("a[0] == 1", "a list has no positions here"),
            ("1u < 2", "there are no unsigned numbers"),
            ("b'x' == a", "there are no bytes"),
            ("a ==", "the expression ends where a value is expected"),
            ("(a", "the expression ends where `)` is expected"),
            ("", "the expression is empty"),
            ("'a", "the text has no closing quote"),
            ("a b", "`b` stands where an operator is expected"),
            ("99999999999999999999 > a", "the number is too large"),
        ] {
            let fault = parse(text).expect_err(text);
            assert_eq!(fault.message, expected, "{text}");
            assert!(fault.span.end <= text.len());
        }
    }

    #[test]
    fn depth_and_size_are_bounded() {
        let nested = format!("{}a{}", "(".repeat(900), ")".repeat(900));
        assert!(parse(&nested).expect_err("deep").message.contains("in one another"));
        let minus = format!("{}a", "-".repeat(1_900));
        assert!(parse(&minus).expect_err("deep").message.contains("in one another"));
        let long = vec!["a"; 300].join("||");
        assert!(parse(&long).expect_err("large").message.contains("parts"));
        let sum = vec!["a"; 100].join("+");
        assert!(parse(&sum).expect_err("deep").message.contains("follow one another"));
        let members = vec!["a"; 100].join(".");
        assert!(parse(&members).expect_err("deep").message.contains("follow one another"));
        let fits = vec!["a"; 120].join("&&");
        assert_eq!(parse(&fits).expect("fits").conjuncts().len(), 120);
        assert!(matches!(parse("-9223372036854775808").expect("fits").node, Node::Number(_)));
    }
}

//! Lists: their items in turn.

use std::mem;

use super::{Binding, Compiler, Typed};
use crate::expr::ast::{Ast, Node};
use crate::expr::program::{Element, Operand, Sequence, Source};
use crate::expr::types::{Type, ValueKind};
use crate::expr::{Fault, MACROS_MAX, Path, Root, Span};

/// A list whose items are gone through, while macros are compiled.
pub(super) enum Items {
    /// Of the record.
    Of { list: Path, ty: Type, element: Element, kind: Option<ValueKind> },
    /// Spelt by the expression: each item, with what is said of it.
    Spelt { items: Vec<(Ast, Element)>, outer: usize, kind: Option<ValueKind> },
}

fn no_element() -> Element {
    Element { filters: Vec::new(), value: None }
}

impl Compiler<'_> {
    /// Whether a part of an expression is a list.
    pub(super) fn is_list(&mut self, ast: &Ast) -> bool {
        match &ast.node {
            Node::List(_) => true,
            Node::Call { on: Some(_), name, .. } => name == "filter" || name == "map",
            Node::Name(_) | Node::Member { .. } => {
                let known = (self.named.len(), self.paths.len());
                let is_list = match self.find(ast) {
                    Ok(super::path::Found::Target(target)) => matches!(target.ty, Type::List(_)),
                    Ok(super::path::Found::Spelt { ast, .. }) => matches!(ast.node, Node::List(_)),
                    Err(_) => false,
                };
                self.named.truncate(known.0);
                self.paths.truncate(known.1);
                is_list
            }
            _ => false,
        }
    }

    /// The items of a list, with the filters and the macro that follow it.
    pub(super) fn items(&mut self, ast: &Ast) -> Result<Items, Fault> {
        match &ast.node {
            Node::List(items) => {
                if items.is_empty() {
                    return Err(Fault::new(ast.span.clone(), "an empty list has no items"));
                }
                let items = items.iter().map(|item| (item.clone(), no_element())).collect();
                Ok(Items::Spelt { items, outer: self.bindings.len(), kind: None })
            }
            Node::Call { on: Some(on), name, at, arguments }
                if name == "filter" || name == "map" =>
            {
                let mut items = self.items(on)?;
                if items.is_mapped() {
                    let message = format!("`{name}` follows `map`");
                    return Err(Fault::new(at.clone(), message)
                        .help("put `filter` before `map`, and everything into one `map`"));
                }
                let is_filter = name == "filter";
                self.each(&mut items, (name, at), arguments, is_filter)?;
                Ok(items)
            }
            Node::Name(_) | Node::Member { .. } => {
                let target = self.target(ast)?;
                let Type::List(ty) = target.ty else {
                    return Err(Fault::new(ast.span.clone(), "this is no list"));
                };
                if target.optional {
                    let message = "`.?` doesn't lead to a list";
                    return Err(Fault::new(ast.span.clone(), message)
                        .help("a list that is missing is unknown; `has(…)` asks for it"));
                }
                self.paths.push(target.path.clone());
                let ty = (*ty).clone();
                Ok(Items::Of { list: target.path, ty, element: no_element(), kind: None })
            }
            _ => Err(Fault::new(ast.span.clone(), "a list is expected")
                .help("as in `self.participants` or `[self.a, self.b]`")),
        }
    }

    /// Compiles what a macro says of each item: a filter, or a value.
    pub(super) fn each(
        &mut self,
        items: &mut Items,
        (name, at): (&str, &Span),
        arguments: &[Ast],
        is_filter: bool,
    ) -> Result<(), Fault> {
        let [Ast { node: Node::Name(variable), .. }, body] = arguments else {
            let message = format!("`{name}` takes a name for the item, and what is said of it");
            return Err(
                Fault::new(at.clone(), message).help(format!("as in `.{name}(item, item.name …)`"))
            );
        };
        if ["self", "parent", "record", "old", "dataset"].contains(&variable.as_str()) {
            let message = format!("`{variable}` means something else, and can't be an item's name");
            return Err(Fault::new(arguments[0].span.clone(), message));
        }
        if self.depth + 1 == MACROS_MAX {
            let message = format!("more than {} macros lie in one another", self.depth);
            return Err(Fault::new(at.clone(), message)
                .help("let the constraint stand on the items of the outer list"));
        }
        let depth = self.depth;
        let mut said = Vec::new();
        match items {
            Items::Of { ty, .. } => {
                let binding = Binding::Item { depth, ty: ty.clone() };
                said.push(self.body(variable, binding, body, is_filter)?);
            }
            Items::Spelt { items, outer, .. } => {
                for (item, _) in items.iter() {
                    let binding = Binding::Spelt { ast: item.clone(), outer: *outer };
                    said.push(self.body(variable, binding, body, is_filter)?);
                }
            }
        }
        let kind = said.first().map(|typed| typed.kind.clone());
        let differs = |typed: &&Typed| {
            kind.as_ref().is_some_and(|first| !super::compare::alike(first, &typed.kind))
        };
        if let Some(typed) = said.iter().find(differs) {
            let message = "the items of this list are of different kinds";
            return Err(Fault::new(typed.span().clone(), message));
        }
        let (elements, known): (Vec<&mut Element>, _) = match items {
            Items::Of { element, kind, .. } => (vec![element], kind),
            Items::Spelt { items, kind, .. } => {
                (items.iter_mut().map(|it| &mut it.1).collect(), kind)
            }
        };
        for (element, typed) in elements.into_iter().zip(said) {
            match typed.operand {
                Operand::Condition(condition) if is_filter => element.filters.push(condition),
                operand => element.value = Some(operand),
            }
        }
        if !is_filter {
            *known = kind;
        }
        Ok(())
    }

    fn body(
        &mut self,
        variable: &str,
        binding: Binding,
        body: &Ast,
        is_condition: bool,
    ) -> Result<Typed, Fault> {
        self.depth += 1;
        self.bindings.push((variable.to_owned(), binding));
        let typed = if is_condition {
            self.condition(body).map(|condition| Typed {
                operand: Operand::Condition(condition),
                kind: ValueKind::Boolean,
                is_constant: false,
            })
        } else {
            self.operand(body)
        };
        self.bindings.pop();
        self.depth -= 1;
        typed
    }

    /// A list of values of one kind.
    pub(super) fn values(&mut self, ast: &Ast) -> Result<(Sequence, ValueKind), Fault> {
        let mut items = self.items(ast)?;
        if !items.is_mapped() {
            self.take_items_themselves(&mut items, &ast.span)?;
        }
        let kind = items.kind().expect("a list of values has a kind");
        Ok((self.sequence(items, &ast.span), kind))
    }

    fn take_items_themselves(&mut self, items: &mut Items, span: &Span) -> Result<(), Fault> {
        match items {
            Items::Of { ty: whole @ Type::Value(_), element, kind, list } => {
                let path = Path {
                    root: Root::Item(self.depth),
                    steps: Vec::new(),
                    span: list.span.clone(),
                };
                let paths = self.paths.len();
                let target = super::path::Target { path, ty: whole.clone(), optional: false };
                let typed = self.typed(target)?;
                self.paths.truncate(paths);
                element.value = Some(typed.operand);
                *kind = Some(typed.kind);
                Ok(())
            }
            Items::Of { .. } => Err(Fault::new(span.clone(), "the items of this list are objects")
                .help("say which of their values is meant: `.map(item, item.name)`")),
            Items::Spelt { items, kind, outer } => {
                let inner = self.bindings.split_off(*outer);
                let mut first: Option<ValueKind> = None;
                let mut fault = None;
                for (item, element) in items {
                    let typed = match self.operand(item) {
                        Ok(typed) => typed,
                        Err(error) => {
                            fault = Some(error);
                            break;
                        }
                    };
                    let alike =
                        first.as_ref().is_none_or(|it| super::compare::alike(it, &typed.kind));
                    if !alike {
                        let message = "the items of this list are of different kinds";
                        fault = Some(Fault::new(typed.span().clone(), message));
                        break;
                    }
                    // What is written says less of the kind than what the schema has.
                    if first.is_none() || !typed.is_constant {
                        first = Some(typed.kind);
                    }
                    element.value = Some(typed.operand);
                }
                self.bindings.extend(inner);
                *kind = first;
                fault.map_or(Ok(()), Err)
            }
        }
    }

    /// The list, as it is gone through.
    pub(super) fn sequence(&mut self, items: Items, span: &Span) -> Sequence {
        let source = match items {
            Items::Of { list, ty, element, .. } => Source::List {
                list,
                depth: self.depth,
                element,
                of_values: matches!(ty, Type::Value(_)),
            },
            Items::Spelt { items, .. } => {
                Source::Listed(items.into_iter().map(|(_, element)| element).collect())
            }
        };
        Sequence { source, span: span.clone() }
    }
}

impl Items {
    fn is_mapped(&self) -> bool {
        self.kind().is_some()
    }

    fn kind(&self) -> Option<ValueKind> {
        match self {
            Self::Of { kind, .. } | Self::Spelt { kind, .. } => kind.clone(),
        }
    }

    /// Takes the kind of the values out, so that another macro may follow.
    pub(super) fn take_kind(&mut self) -> Option<ValueKind> {
        match self {
            Self::Of { kind, .. } | Self::Spelt { kind, .. } => mem::take(kind),
        }
    }
}

impl Sequence {
    /// Its items that are literals.
    pub(super) fn constants(&self) -> Vec<Operand> {
        let Source::Listed(elements) = &self.source else { return Vec::new() };
        elements.iter().filter_map(|element| element.value.clone()).collect()
    }
}

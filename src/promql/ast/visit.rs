//! Walking the tree.

use super::{Expr, ExprKind};

impl Expr {
    /// The direct parts of an expression, in the order of the text.
    pub fn children(&self) -> Vec<&Expr> {
        match &self.kind {
            ExprKind::Number(_)
            | ExprKind::String(_)
            | ExprKind::VectorSelector(_)
            | ExprKind::Param(_)
            | ExprKind::Error => Vec::new(),
            ExprKind::MatrixSelector(m) => vec![&m.selector],
            ExprKind::Subquery(s) => vec![&s.expr],
            ExprKind::Call(c) => c.args.iter().collect(),
            ExprKind::LetCall(c) => c.args.iter().collect(),
            ExprKind::Aggregate(a) => a.param.iter().chain([&a.expr]).collect(),
            ExprKind::Binary(b) => vec![&b.lhs, &b.rhs],
            ExprKind::Unary(_, e) | ExprKind::Paren(e) => vec![e],
        }
    }

    /// The direct parts of an expression, to change.
    pub fn children_mut(&mut self) -> Vec<&mut Expr> {
        match &mut self.kind {
            ExprKind::Number(_)
            | ExprKind::String(_)
            | ExprKind::VectorSelector(_)
            | ExprKind::Param(_)
            | ExprKind::Error => Vec::new(),
            ExprKind::MatrixSelector(m) => vec![&mut m.selector],
            ExprKind::Subquery(s) => vec![&mut s.expr],
            ExprKind::Call(c) => c.args.iter_mut().collect(),
            ExprKind::LetCall(c) => c.args.iter_mut().collect(),
            ExprKind::Aggregate(a) => a.param.iter_mut().chain([&mut a.expr]).collect(),
            ExprKind::Binary(b) => vec![&mut b.lhs, &mut b.rhs],
            ExprKind::Unary(_, e) | ExprKind::Paren(e) => vec![e],
        }
    }

    /// Calls `visit` on this expression and everything in it, parents first, in the order of the text.
    pub fn walk<'a>(&'a self, visit: &mut dyn FnMut(&'a Expr)) {
        visit(self);
        for child in self.children() {
            child.walk(visit);
        }
    }
}

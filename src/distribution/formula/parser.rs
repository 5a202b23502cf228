//! The parser of formulas, which reports the column of errors.

use std::f64::consts::{E, PI};

use super::expression::{Binary, Instruction, Unary};
use crate::{Error, Result};

/// Maximum nesting of parentheses, powers and signs; more could overflow the stack.
const MAX_NESTING: usize = 100;

/// Maximum length of a formula, in characters.
const MAX_LENGTH: usize = 10_000;

/// The instructions that evaluate a formula.
///
/// Recursive descent: a sum of products of signed powers of numbers, names, calls and parentheses.
pub fn parse(source: &str) -> Result<Vec<Instruction>> {
    let mut parser = Parser {
        characters: source.chars().collect(),
        position: 0,
        depth: 0,
        instructions: Vec::new(),
    };
    if parser.characters.len() > MAX_LENGTH {
        return Err(parser.wrong(MAX_LENGTH, format!("longer than {MAX_LENGTH} characters")));
    }
    parser.sum()?;
    match parser.peek() {
        None => Ok(parser.instructions),
        Some(')') => Err(parser.wrong_here("this ) closes nothing")),
        Some(_) => Err(parser.wrong_here("an operator (+ - * / ^) expected")),
    }
}

struct Parser {
    characters: Vec<char>,
    position: usize,
    depth: usize,
    instructions: Vec<Instruction>,
}

impl Parser {
    /// The next character that is not a space.
    fn peek(&mut self) -> Option<char> {
        while self
            .characters
            .get(self.position)
            .is_some_and(|c| c.is_whitespace())
        {
            self.position += 1;
        }
        self.characters.get(self.position).copied()
    }

    /// Takes the next character if it is one of `wanted`.
    fn take(&mut self, wanted: &[char]) -> Option<char> {
        let next = self.peek().filter(|next| wanted.contains(next))?;
        self.position += 1;
        Some(next)
    }

    fn wrong(&self, position: usize, reason: impl Into<String>) -> Error {
        Error::Formula {
            column: position + 1,
            reason: reason.into(),
        }
    }

    fn wrong_here(&self, reason: impl Into<String>) -> Error {
        self.wrong(self.position, reason)
    }

    /// The error for an unexpected character.
    fn expected(&mut self, what: &str) -> Error {
        let found = match self.peek() {
            Some(found) => format!("{what} expected before {found}"),
            None => format!("{what} expected before the end"),
        };
        self.wrong_here(found)
    }

    fn sum(&mut self) -> Result<()> {
        self.product()?;
        while let Some(sign) = self.take(&['+', '-', '−']) {
            self.product()?;
            let operator = if sign == '+' {
                Binary::Plus
            } else {
                Binary::Minus
            };
            self.instructions.push(Instruction::Binary(operator));
        }
        Ok(())
    }

    fn product(&mut self) -> Result<()> {
        self.signed()?;
        while let Some(sign) = self.take(&['*', '·', '/']) {
            self.signed()?;
            let operator = if sign == '/' {
                Binary::Over
            } else {
                Binary::Times
            };
            self.instructions.push(Instruction::Binary(operator));
        }
        Ok(())
    }

    /// A power, or one with signs before it: `-x^2` is `-(x^2)`.
    fn signed(&mut self) -> Result<()> {
        self.depth += 1;
        if self.depth > MAX_NESTING {
            return Err(self.wrong_here(format!("nested more than {MAX_NESTING} deep")));
        }
        match self.take(&['+', '-', '−']) {
            Some('+') => self.signed()?,
            Some(_) => {
                self.signed()?;
                self.instructions.push(Instruction::Unary(Unary::Minus));
            }
            None => self.power()?,
        }
        self.depth -= 1;
        Ok(())
    }

    /// Right-associative: `2^3^2` is `2^(3^2)`; `2^-x` is valid.
    fn power(&mut self) -> Result<()> {
        self.primary()?;
        if self.take(&['^']).is_some() {
            self.signed()?;
            self.instructions.push(Instruction::Binary(Binary::Power));
        }
        Ok(())
    }

    fn primary(&mut self) -> Result<()> {
        match self.peek() {
            Some('0'..='9' | '.') => self.number(),
            Some(letter) if letter.is_alphabetic() => self.name(),
            Some('(') => {
                self.position += 1;
                self.sum()?;
                self.close()
            }
            _ => Err(self.expected("a number, x, a function or (")),
        }
    }

    fn close(&mut self) -> Result<()> {
        match self.take(&[')']) {
            Some(_) => Ok(()),
            None => Err(self.expected(")")),
        }
    }

    /// Digits with a point, and an exponent if digits follow the `e`.
    fn number(&mut self) -> Result<()> {
        let start = self.position;
        self.digits(&['.']);
        if matches!(self.characters.get(self.position), Some('e' | 'E')) {
            let sign = matches!(self.characters.get(self.position + 1), Some('+' | '-'));
            let first = self.position + 1 + usize::from(sign);
            if self.characters.get(first).is_some_and(char::is_ascii_digit) {
                self.position = first;
                self.digits(&[]);
            }
        }
        let text: String = self.characters[start..self.position].iter().collect();
        match text.parse() {
            Ok(number) => self.instructions.push(Instruction::Number(number)),
            Err(_) => return Err(self.wrong(start, format!("{text} is not a number"))),
        }
        Ok(())
    }

    fn digits(&mut self, others: &[char]) {
        let belongs = |c: &char| c.is_ascii_digit() || others.contains(c);
        while self.characters.get(self.position).is_some_and(belongs) {
            self.position += 1;
        }
    }

    /// x, a constant, or a function with its arguments.
    fn name(&mut self) -> Result<()> {
        let start = self.position;
        while self
            .characters
            .get(self.position)
            .is_some_and(|c| c.is_alphanumeric() || *c == '_')
        {
            self.position += 1;
        }
        let name: String = self.characters[start..self.position].iter().collect();
        match name.as_str() {
            "x" => self.instructions.push(Instruction::X),
            "pi" | "π" => self.instructions.push(Instruction::Number(PI)),
            "e" => self.instructions.push(Instruction::Number(E)),
            name => return self.call(name, start),
        }
        match self.peek() {
            Some('(') => {
                Err(self.wrong_here(format!("{name} is not a function; write products with *")))
            }
            _ => Ok(()),
        }
    }

    fn call(&mut self, name: &str, start: usize) -> Result<()> {
        let unary = Unary::NAMES.iter().find(|(known, _)| *known == name);
        let binary = Binary::NAMES.iter().find(|(known, _)| *known == name);
        if unary.is_none() && binary.is_none() {
            return Err(self.wrong(start, unknown(name)));
        }
        if self.take(&['(']).is_none() {
            return Err(self.expected(&format!("( after {name}")));
        }
        self.sum()?;
        if let Some((_, unary)) = unary {
            self.instructions.push(Instruction::Unary(*unary));
        } else if let Some((_, binary)) = binary {
            if self.take(&[',']).is_none() {
                return Err(self.expected(&format!(", and the second number of {name}")));
            }
            self.sum()?;
            self.instructions.push(Instruction::Binary(*binary));
        }
        self.close()
    }
}

fn unknown(name: &str) -> String {
    let functions = Unary::NAMES.iter().map(|(known, _)| *known);
    let functions: Vec<&str> = functions
        .chain(Binary::NAMES.iter().map(|(known, _)| *known))
        .collect();
    format!(
        "there is no {name}; known are x, pi, e and {}",
        functions.join(", ")
    )
}

#[cfg(test)]
mod tests;

//! The values of options, and the fields that hold them.

/// Value of an option, in its [`Domain`](super::Domain).
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value {
    /// A Boolean.
    Flag(bool),
    /// A word, as in JavaScript.
    Word(&'static str),
    /// An integer.
    Whole(usize),
    /// A number.
    Number(f64),
}

/// A field of a sampler's struct that holds an option.
pub trait OptionValue {
    /// The value.
    fn get(&self) -> Value;
    /// Replaces the value; a value of another type has no effect.
    fn set(&mut self, value: Value);
}

/// Implements [`OptionValue`] for a type by one variant of [`Value`].
macro_rules! plain {
    ($($type:ty: $variant:ident),*) => {
        $(impl OptionValue for $type {
            fn get(&self) -> Value {
                Value::$variant(*self)
            }

            fn set(&mut self, value: Value) {
                if let Value::$variant(value) = value {
                    *self = value;
                }
            }
        })*
    };
}

plain!(bool: Flag, usize: Whole, f64: Number);

/// Implements [`OptionValue`] for an enum whose variants are words in JavaScript, and the constant `WORDS` with all of
/// them.
macro_rules! words {
    ($type:ident { $($variant:ident = $word:literal),+ $(,)? }) => {
        impl $type {
            /// The variants, as in JavaScript.
            pub const WORDS: &'static [&'static str] = &[$($word),+];
        }

        impl $crate::sampler::catalog::OptionValue for $type {
            fn get(&self) -> $crate::sampler::catalog::Value {
                $crate::sampler::catalog::Value::Word(match self {
                    $(Self::$variant => $word),+
                })
            }

            fn set(&mut self, value: $crate::sampler::catalog::Value) {
                match value {
                    $($crate::sampler::catalog::Value::Word($word) => *self = Self::$variant,)+
                    _ => (),
                }
            }
        }
    };
}

/// Implements [`OptionValue`] for an enum with two variants that is a Boolean in JavaScript: the first is false.
macro_rules! flags {
    ($type:ident { $no:ident, $yes:ident }) => {
        impl $crate::sampler::catalog::OptionValue for $type {
            fn get(&self) -> $crate::sampler::catalog::Value {
                $crate::sampler::catalog::Value::Flag(*self == Self::$yes)
            }

            fn set(&mut self, value: $crate::sampler::catalog::Value) {
                match value {
                    $crate::sampler::catalog::Value::Flag(true) => *self = Self::$yes,
                    $crate::sampler::catalog::Value::Flag(false) => *self = Self::$no,
                    _ => (),
                }
            }
        }
    };
}

pub(in crate::sampler) use {flags, words};

//! Choices from bytes, either from a seed or varied by libFuzzer.

/// Choices from a sequence of bytes. After the end of the bytes, each choice is the first option.
pub struct Choices<'a> {
    bytes: &'a [u8],
}

impl<'a> Choices<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.bytes.split_first() else {
            return 0;
        };
        self.bytes = rest;
        *first
    }

    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// A number below `bound`.
    pub fn below(&mut self, bound: usize) -> usize {
        let mut value = usize::from(self.byte());
        if bound > 256 {
            value = value << 16 | usize::from(self.byte()) << 8 | usize::from(self.byte());
        }
        value % bound.max(1)
    }

    pub fn flag(&mut self) -> bool {
        self.below(2) == 1
    }

    /// True once in `n` times.
    pub fn once_in(&mut self, n: usize) -> bool {
        self.below(n) == n - 1
    }

    pub fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }

    /// A number of any size, usually moderate.
    pub fn number(&mut self) -> f64 {
        const WILD: [f64; 16] = [
            0.0,
            -0.0,
            1.0,
            -1.0,
            0.5,
            1e-9,
            1e9,
            1e-300,
            1e300,
            -1e300,
            5e-324,
            f64::MAX,
            f64::EPSILON,
            1e-40,
            1e40,
            4_294_967_296.0,
        ];
        if self.once_in(3) {
            return self.one_of(&WILD);
        }
        let size = 10_f64.powi(self.below(9) as i32 - 5);
        let sign = if self.once_in(8) { -1.0 } else { 1.0 };
        sign * size * (self.below(1000) as f64 + 1.0) / 100.0
    }

    /// An integer of any size, usually small.
    pub fn whole(&mut self) -> u64 {
        const WILD: [u64; 10] = [
            0,
            1,
            2,
            9_999,
            10_001,
            100_000,
            100_001,
            500_000_000,
            u32::MAX as u64,
            u64::MAX,
        ];
        if self.once_in(4) {
            self.one_of(&WILD)
        } else {
            self.below(1200) as u64
        }
    }
}

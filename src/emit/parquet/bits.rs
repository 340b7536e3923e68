//! Whole numbers in few bits, as the Parquet specification has them: runs and packed bits for levels and
//! positions in a dictionary, differences for numbers of which neighbours are alike.

/// How many bits the number takes.
pub fn width(number: u64) -> u8 {
    (u64::BITS - number.leading_zeros()) as u8
}

/// Numbers of so many bits each as runs of equal ones, and packed where they differ (`RLE`).
pub fn hybrid<T: Copy + Eq + Into<u64>>(out: &mut Vec<u8>, numbers: &[T], bits: u8) {
    let (mut packed, mut at) = (0, 0);
    while at < numbers.len() {
        let number = numbers[at];
        let length = numbers[at..].iter().take_while(|other| **other == number).count();
        // Numbers are packed by eights, so that the first of a run fill up those before it.
        let fill = (at - packed).next_multiple_of(GROUP) - (at - packed);
        if length >= fill + GROUP {
            pack_run(out, &numbers[packed..at + fill], bits);
            run(out, number.into(), length - fill, bits);
            packed = at + length;
        }
        at += length;
    }
    pack_run(out, &numbers[packed..], bits);
}

/// Packed numbers come in groups of so many.
const GROUP: usize = 8;

/// A run of equal numbers.
fn run(out: &mut Vec<u8>, number: u64, length: usize, bits: u8) {
    variable(out, (length as u64) << 1);
    out.extend_from_slice(&number.to_le_bytes()[..usize::from(bits).div_ceil(8)]);
}

/// Numbers that differ, behind the count of their groups.
fn pack_run<T: Copy + Into<u64>>(out: &mut Vec<u8>, numbers: &[T], bits: u8) {
    if !numbers.is_empty() {
        let groups = numbers.len().div_ceil(GROUP);
        variable(out, (groups as u64) << 1 | 1);
        let end = out.len() + groups * usize::from(bits);
        pack(out, numbers.iter().map(|number| (*number).into()), bits);
        out.resize(end, 0);
    }
}

/// Numbers one after the other in so many bits each, from the lowest bit of each byte.
pub fn pack(out: &mut Vec<u8>, numbers: impl Iterator<Item = u64>, bits: u8) {
    let (mut pending, mut filled) = (0_u128, 0);
    for number in numbers {
        pending |= u128::from(number) << filled;
        filled += u32::from(bits);
        if filled >= u64::BITS {
            out.extend_from_slice(&(pending as u64).to_le_bytes());
            pending >>= u64::BITS;
            filled -= u64::BITS;
        }
    }
    out.extend_from_slice(&pending.to_le_bytes()[..filled.div_ceil(8) as usize]);
}

/// So many differences have one least difference, and each quarter of them a width of its own.
const BLOCK: usize = 128;
const MINIBLOCK: usize = 32;

/// Numbers as differences of neighbours (`DELTA_BINARY_PACKED`). Those of 32 bits differ by no more than
/// 32 bits hold, as the specification wants it.
pub fn differences(out: &mut Vec<u8>, numbers: &[i64], is_short: bool) {
    variable(out, BLOCK as u64);
    variable(out, (BLOCK / MINIBLOCK) as u64);
    variable(out, numbers.len() as u64);
    zigzag(out, numbers.first().copied().unwrap_or(0));
    let step = |pair: &[i64]| match is_short {
        true => i64::from((pair[1] as i32).wrapping_sub(pair[0] as i32)),
        false => pair[1].wrapping_sub(pair[0]),
    };
    let steps: Vec<i64> = numbers.windows(2).map(step).collect();
    for block in steps.chunks(BLOCK) {
        let least = *block.iter().min().expect("a block isn't empty");
        let above = |step: &i64| step.wrapping_sub(least).cast_unsigned();
        zigzag(out, least);
        let mut widths = [0; BLOCK / MINIBLOCK];
        for (bits, steps) in widths.iter_mut().zip(block.chunks(MINIBLOCK)) {
            *bits = width(steps.iter().map(above).max().unwrap_or(0));
        }
        out.extend_from_slice(&widths);
        for (bits, steps) in widths.into_iter().zip(block.chunks(MINIBLOCK)) {
            let end = out.len() + MINIBLOCK / 8 * usize::from(bits);
            pack(out, steps.iter().map(above), bits);
            // The last ones are filled up.
            out.resize(end, 0);
        }
    }
}

/// A number in groups of seven bits, the lowest first.
fn variable(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

fn zigzag(out: &mut Vec<u8>, number: i64) {
    variable(out, ((number << 1) ^ (number >> 63)).cast_unsigned());
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn runs_and_packed_groups_are_those_of_the_specification() {
        let encode = |numbers: &[u32], bits| {
            let mut out = Vec::new();
            hybrid(&mut out, numbers, bits);
            out
        };
        // The example of packing in the specification: 0 to 7 in three bits each.
        assert_eq!(
            encode(&[0, 1, 2, 3, 4, 5, 6, 7], 3),
            [0b11, 0b1000_1000, 0b1100_0110, 0b1111_1010]
        );
        assert_eq!(encode(&[4; 100], 3), [200, 1, 4]);
        assert_eq!(encode(&[0; 9], 0), [18], "one value needs no bits");
        assert!(encode(&[], 3).is_empty());
        // Seven of the run fill up the packed group before it.
        let numbers: Vec<u32> = std::iter::once(5).chain([2; 16]).collect();
        assert_eq!(encode(&numbers, 3), [0b11, 0b1001_0101, 0b0010_0100, 0b0100_1001, 18, 2]);
    }

    /// A reader of the format, written from its specification.
    fn read_hybrid(mut bytes: &[u8], bits: u8, count: usize) -> Vec<u64> {
        let mut numbers = Vec::new();
        while numbers.len() < count {
            let header = read_variable(&mut bytes);
            if header & 1 == 0 {
                let (value, rest) = bytes.split_at(usize::from(bits).div_ceil(8));
                let value = value.iter().rev().fold(0, |sum, byte| sum << 8 | u64::from(*byte));
                numbers.extend(std::iter::repeat_n(value, (header >> 1) as usize));
                bytes = rest;
            } else {
                let (packed, rest) = bytes.split_at((header >> 1) as usize * usize::from(bits));
                numbers.extend(unpack(packed, bits, (header >> 1) as usize * GROUP));
                bytes = rest;
            }
        }
        assert!(bytes.is_empty());
        numbers.truncate(count);
        numbers
    }

    fn unpack(bytes: &[u8], bits: u8, count: usize) -> Vec<u64> {
        let bit = |at: usize| u64::from(bytes[at / 8] >> (at % 8) & 1);
        let width = usize::from(bits);
        (0..count).map(|index| (0..width).map(|at| bit(index * width + at) << at).sum()).collect()
    }

    fn read_variable(bytes: &mut &[u8]) -> u64 {
        let mut number = 0;
        for shift in (0..).step_by(7) {
            let (byte, rest) = bytes.split_first().expect("the number ends");
            *bytes = rest;
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                break;
            }
        }
        number
    }

    fn read_differences(mut bytes: &[u8], is_short: bool) -> Vec<i64> {
        let zigzag = |number: u64| (number >> 1).cast_signed() ^ -(number & 1).cast_signed();
        assert_eq!(read_variable(&mut bytes), 128);
        assert_eq!(read_variable(&mut bytes), 4);
        let count = read_variable(&mut bytes) as usize;
        let mut numbers = vec![zigzag(read_variable(&mut bytes))];
        while numbers.len() < count {
            let least = zigzag(read_variable(&mut bytes));
            let (widths, rest) = bytes.split_at(4);
            bytes = rest;
            for &bits in widths {
                let left = (count - numbers.len()).min(32);
                let (packed, rest) =
                    bytes.split_at(if left > 0 { 4 * usize::from(bits) } else { 0 });
                bytes = rest;
                for step in unpack(packed, bits, left) {
                    let last = *numbers.last().expect("the first");
                    let next = last.wrapping_add(least).wrapping_add(step.cast_signed());
                    numbers.push(if is_short { i64::from(next as i32) } else { next });
                }
            }
        }
        assert!(bytes.is_empty());
        numbers.truncate(count);
        numbers
    }

    proptest! {
        #[test]
        fn numbers_read_back(
            runs in proptest::collection::vec((any::<u32>(), 1..40_usize), 0..30),
            bits in 0..=32_u8,
        ) {
            let mask = ((1_u64 << bits) - 1) as u32;
            let numbers: Vec<u32> = runs
                .iter()
                .flat_map(|(number, length)| std::iter::repeat_n(number & mask, *length / 3 + 1))
                .collect();
            let mut out = Vec::new();
            hybrid(&mut out, &numbers, bits);
            let expected: Vec<u64> = numbers.iter().map(|number| u64::from(*number)).collect();
            prop_assert_eq!(read_hybrid(&out, bits, numbers.len()), expected);
        }

        #[test]
        fn differences_read_back(
            numbers in proptest::collection::vec(any::<i64>(), 1..300),
            small in any::<bool>(),
            is_short in any::<bool>(),
        ) {
            let numbers: Vec<i64> = numbers
                .into_iter()
                .map(|number| if small { number % 50 } else { number })
                .map(|number| if is_short { i64::from(number as i32) } else { number })
                .collect();
            let mut out = Vec::new();
            differences(&mut out, &numbers, is_short);
            prop_assert_eq!(read_differences(&out, is_short), numbers);
        }
    }
}

//! "Did you mean": the candidate that a misspelt word was probably meant to be.

/// The candidate nearest to `word`, if one is near enough to be worth suggesting.
///
/// Distance is optimal string alignment over characters (insert, delete, replace, swap
/// neighbours), with letter case and `-`, `_` and space not counted. A third of the word's length
/// may differ.
#[must_use]
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let folded = fold(word);
    let limit = (folded.len().max(3) / 3).min(5);
    candidates
        .into_iter()
        .filter_map(|candidate| {
            let other = fold(candidate);
            if other.len().abs_diff(folded.len()) > limit {
                return None;
            }
            let distance = distance(&folded, &other);
            (distance <= limit).then_some((distance, candidate))
        })
        .min()
        .map(|(_, candidate)| candidate)
}

fn fold(word: &str) -> Vec<char> {
    word.chars()
        .filter(|character| !matches!(character, '-' | '_' | ' '))
        .flat_map(char::to_lowercase)
        .collect()
}

fn distance(a: &[char], b: &[char]) -> usize {
    let mut before_previous = vec![0; b.len() + 1];
    let mut previous: Vec<usize> = (0..=b.len()).collect();
    let mut current = vec![0; b.len() + 1];
    for i in 1..=a.len() {
        current[0] = i;
        for j in 1..=b.len() {
            let replaced = previous[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = replaced.min(previous[j] + 1).min(current[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(before_previous[j - 2] + 1);
            }
            current[j] = best;
        }
        std::mem::swap(&mut before_previous, &mut previous);
        std::mem::swap(&mut previous, &mut current);
    }
    previous[b.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn suggests_only_what_is_near() {
        let roles = ["host", "guest", "head-of-delegation"];
        assert_eq!(nearest("head_of_delegaton", roles), Some("head-of-delegation"));
        assert_eq!(nearest("Hots", roles), Some("host"));
        assert_eq!(nearest("spectator", roles), None);
    }
}

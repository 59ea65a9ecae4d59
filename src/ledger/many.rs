//! Work on many items in parallel. A few are done before threads would have started.

use rayon::prelude::*;

/// Fewer items than this are few.
pub(crate) const FEW: usize = 256;

/// Does something to each item.
pub(super) fn each<T: Send>(items: &mut [T], work: impl Fn(&mut T) + Send + Sync) {
    if items.len() < FEW {
        for item in items {
            work(item);
        }
    } else {
        items.par_iter_mut().for_each(work);
    }
}

/// Makes something of each item, in the same order.
pub(super) fn map<T: Send, U: Send>(items: Vec<T>, make: impl Fn(T) -> U + Send + Sync) -> Vec<U> {
    if items.len() < FEW { items.into_iter().map(make).collect() } else { items.into_par_iter().map(make).collect() }
}

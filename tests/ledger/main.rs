//! The join: what code, exports and logs say about one credential, in one row; and near misses of every rule of it.

mod as_of;
mod facts;
mod join;
mod order;
mod paths;
mod privilege;
mod revocation;
mod saved;
mod tie;

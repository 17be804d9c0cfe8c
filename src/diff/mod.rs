//! What a change means for the person on call.

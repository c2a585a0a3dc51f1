"""Words and sentences side by side: how they are joined differs from language to language."""

from functools import reduce


def join_sentences(env, sentences):
    """Sentences as one text: "One. Two."; Chinese puts no space between them. Empty ones are left out."""
    return reduce(
        lambda before, after: env._("%(sentence)s %(next_sentence)s", sentence=before, next_sentence=after),
        [sentence for sentence in sentences if sentence] or [""],
    )


def join_names(env, names):
    """Names as a list: "a, b, c", in Chinese "a、b、c"."""
    return reduce(
        lambda before, after: env._("%(name)s, %(next_name)s", name=before, next_name=after),
        [str(name) for name in names] or [""],
    )

"""The training corpus: reading, held-out lines, augmentation, the SentencePiece vocabulary, batches.

The corpus is a directory of `DOMAIN.SOURCE.tsv.xz` files (English<TAB>German, a pair a line), dev.tsv,
dev.de-en.tsv and the test files (source<TAB>reference[<TAB>reference...]), as its own README describes;
hand-written pairs (plain .tsv) may lie in a directory of their own.
"""
import glob
import io
import lzma
import os
import random
import re

import numpy as np

HELD_OUT_DOMAINS = ('research', 'prose', 'tech')
HELD_OUT_LINES = 500
# gpl.*: copyleft program texts; mt.*: output of a commercial language model. Neither is trained on.
LEFT_OUT = ('gpl', 'mt')
# One side of these files is machine-made: no held-out line is taken from them.
MACHINE_MADE = ('research.wmt08-18-firefox-de', 'research.wmt08-18-firefox-en')


def read_tsv(path):
    """Rows of a (possibly xz-compressed) TSV file as lists of columns."""
    opener = lzma.open if path.endswith('.xz') else open
    with opener(path, 'rt', encoding='utf-8') as f:
        return [line.rstrip('\n').split('\t') for line in f]


def fingerprint(sentence):
    """A sentence without case and punctuation: what counts as the same sentence."""
    return ' '.join(re.sub(r'[^\w\s]', ' ', sentence.lower().replace('ß', 'ss')).split())


def load(corpus, handwritten=()):
    """{source name: [(english, german)]} for training and {domain: [(english, german)]} held out."""
    sources = {}
    for path in sorted(glob.glob(os.path.join(corpus, '*.tsv.xz'))):
        name = os.path.basename(path)[:-len('.tsv.xz')]
        if not name.startswith(LEFT_OUT):
            sources[name] = [tuple(row[:2]) for row in read_tsv(path)]
    for directory in handwritten:
        for path in sorted(glob.glob(os.path.join(directory, '*.tsv'))):
            sources['handwritten.' + os.path.basename(path)[:-4]] = [tuple(row[:2]) for row in read_tsv(path)]
    held_out = {}
    for domain in HELD_OUT_DOMAINS:
        pairs = [p for name in sorted(sources) if name.startswith(domain + '.') and name not in MACHINE_MADE
                 for p in sources[name] if len(p[0].split()) >= 4]
        held_out[domain] = random.Random(domain).sample(pairs, HELD_OUT_LINES) if pairs else []
    # No training pair may share a side with a held-out line, nor with the dev or test sets.
    taken = {fingerprint(side) for pairs in held_out.values() for pair in pairs for side in pair}
    for path in glob.glob(os.path.join(corpus, '*.tsv')):
        taken.update(fingerprint(side) for row in read_tsv(path) for side in row)
    for name, pairs in sources.items():
        sources[name] = [p for p in pairs if not any(fingerprint(side) in taken for side in p)]
    return sources, held_out


def typed(pairs, rng):
    """Pairs as people type them: without the final mark, in lower case (the source), both. What is in capitals, the
    program reads as if in lower case."""
    for en, de in pairs:
        kind = rng.randrange(5)
        if kind <= 2 and en[-1:] in '.!?' and de[-1:] in '.!?':
            en, de = en[:-1], de[:-1]
        yield (en, de, 'lower') if kind >= 2 else (en, de)


def renamed(pairs, names, rng):
    """Pairs with another name in place of Tom's, and other numbers in place of theirs: both are to be copied."""
    def other(match):
        digits = match.group()
        return digits if len(digits) < 2 else str(rng.randrange(10 ** (len(digits) - 1), 10 ** len(digits)))

    for en, de in pairs:
        new_en, new_de = en, de
        if len(re.findall(r'\bTom\b', en)) == len(re.findall(r'\bTom\b', de)) == 1:
            name = rng.choice(names)
            new_en, new_de = (re.sub(r'\bTom\b', name, side) for side in (en, de))
        numbers = re.findall(r'\d+', en)
        if len(numbers) == 1 and numbers == re.findall(r'\d+', de):
            number = re.sub(r'\d+', other, numbers[0])
            new_en, new_de = (side.replace(numbers[0], number) for side in (new_en, new_de))
        if new_en != en:
            yield new_en, new_de


ENDINGS = ('com', 'org', 'net', 'de', 'eu', 'io', 'at', 'co.uk', 'example')
FILES = ('txt', 'pdf', 'png', 'html', 'json', 'c', 'py', 'conf', 'xml', 'zip', 'docx', 'csv', 'tar.gz')


def verbatim(words, rng):
    """Something that no translation changes: an address, a file, a placeholder, an option, a number."""
    def word():
        return rng.choice(words)

    def digits(least, most):
        return str(rng.randrange(10 ** (least - 1), 10 ** rng.randint(least, most)))

    def site():
        return rng.choice(('www.', '', '')) + word() + rng.choice(('', '', '-' + word())) + '.' + rng.choice(ENDINGS)

    def path():
        return '/'.join(word() for _ in range(rng.randint(1, 3)))

    return rng.choice((
        lambda: 'https://' + site() + rng.choice(('', '/', '/' + path(), '/' + path() + '.html',
                                                  '/' + word() + '?' + word() + '=' + digits(1, 4), '/#' + word())),
        site,
        lambda: rng.choice((word(), word() + '.' + word(), word()[0] + '.' + word())) + '@' + site().replace('www.', ''),
        lambda: rng.choice(('/', '~/', './', '/usr/', '/etc/', '')) + path() + '.' + rng.choice(FILES),
        lambda: 'C:\\' + path().replace('/', '\\') + '.' + rng.choice(FILES),
        lambda: rng.choice(('{%s}', '{%s}', '{{%s}}', '${%s}', '%%(%s)s', '<%s>', '[%s]', '$%s', '@%s', '#%s',
                            '`%s`')) % word(),
        lambda: rng.choice(('%s', '%d', '%1$s', '%2$s', '{0}', '{1}', '$1', '%@', '{}', '%n')),
        lambda: rng.choice(('--' + word(), '--' + word() + '-' + word(), '-' + word()[0], word() + '_' + word(), word() + '()',
                            word().upper() + '_' + word().upper(), word() + word().capitalize())),
        lambda: rng.choice(('', 'v')) + '.'.join(digits(1, 2) for _ in range(rng.randint(2, 3))),
        lambda: f'{rng.randint(1980, 2035)}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}',
        lambda: rng.choice(('+49 ', '0', '+1 ', '+44 ')) + ' '.join(digits(2, 4) for _ in range(rng.randint(2, 3))),
        lambda: rng.choice((digits(3, 8), word()[0].upper() + digits(2, 5), word()[:2].upper() + '-' + digits(2, 4),
                            '#' + digits(1, 4))),
    ))()


def with_verbatim(pairs, words, rng):
    """Pairs with something verbatim() in place of Tom, in brackets, beside a colon or at the end, or Tom in a tag."""
    for en, de in pairs:
        thing = verbatim(words, rng)
        if len(re.findall(r'\bTom\b', en)) == len(re.findall(r'\bTom\b', de)) == 1 and rng.random() < 0.8:
            tag = rng.choice(('b', 'i', 'strong', 'em', 'a'))
            new = thing if rng.random() < 0.8 else f'<{tag}>Tom</{tag}>'
            yield en.replace('Tom', new), de.replace('Tom', new)
        elif en[-1:] in '.!?' and de[-1:] in '.!?':
            form = rng.choice(('{0} ({2}){1}', '{0}: {2}', '{2}: {0}{1}', '{0}{1} {2}'))
            yield form.format(en[:-1], en[-1], thing), form.format(de[:-1], de[-1], thing)


def copied_names(pairs):
    """Capitalised words within an English sentence that its German side has, too."""
    counts = {}
    for en, de in pairs:
        words = set(re.findall(r'\b[A-ZÄÖÜ][a-zäöüßéèáíóñç]{2,}\b', de))
        for word in re.findall(r'(?<=[a-z,] )[A-Z][a-zéèáíóñç]{2,}\b', en):
            if word in words:
                counts[word] = counts.get(word, 0) + 1
    return sorted(counts)


def augment(sources, seed=5):
    """Further pairs made from the everyday ones."""
    rng = random.Random(seed)
    pairs = [p for name in sorted(sources) if name.startswith(('everyday', 'handwritten')) for p in sources[name]]
    names = copied_names([p for name in sorted(sources) if name.startswith(('research', 'prose')) for p in sources[name]])
    words = sorted({w for pair in pairs for side in pair for w in re.findall(r'\b[a-z]{2,9}\b', side)})
    toms = [pair for pair in pairs if 'Tom' in pair[0]]
    some = rng.sample(pairs, min(len(pairs), 8000)) + rng.sample(toms, min(len(toms), 4000))
    return [*typed(rng.sample(pairs, min(len(pairs), 40000)), rng), *(renamed(pairs, names, rng) if names else ()),
            *with_verbatim(some, words, rng)]


def train_vocabulary(sources, path, size):
    """Train the shared unigram vocabulary: ids eos 0, unk 1, tags as control pieces (never matched in text)."""
    import sentencepiece
    rng, lines = random.Random(1), []
    for name in sorted(sources):
        share = 1.0 if name.startswith(('everyday', 'handwritten')) else 0.3
        lines += [side for pair in sources[name] if rng.random() < share for side in pair]
    model = io.BytesIO()                                 # trained into a file, it would hold the file's path
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(lines), model_writer=model, vocab_size=size, model_type='unigram',
        character_coverage=0.9998, byte_fallback=True, split_digits=True, control_symbols=['>>de<<', '>>en<<'],
        eos_id=0, unk_id=1, bos_id=-1, pad_id=-1, num_threads=2, max_sentence_length=2000,
        normalization_rule_name='nmt_nfkc', minloglevel=1)
    with open(path, 'wb') as f:
        f.write(model.getvalue())


def encode(sources, spm_path, max_tokens=100):
    """Training examples by source: (ids of all tokens, [(source start, source end, target start, target end)]).

    An example is `>>tag<< source </s>` and `target </s>`; both directions of every pair. Of a machine-made side that is
    distillation from the one that made it, and back-translation the other way.
    """
    import sentencepiece
    sp = sentencepiece.SentencePieceProcessor(model_file=spm_path)
    tag, eos = {lang: sp.piece_to_id(f'>>{lang}<<') for lang in ('de', 'en')}, sp.eos_id()
    encoded = {}
    for name in sorted(sources):
        pairs = sources[name]
        sides = {'en': sp.encode([p[0] for p in pairs]), 'de': sp.encode([p[1] for p in pairs])}
        lowered = {lang: sp.encode([p[k].lower() for p in pairs if len(p) == 3])
                   for k, lang in enumerate(('en', 'de'))}
        flat, spans, low = [], [], 0
        for i, pair in enumerate(pairs):
            for target in ('de', 'en'):
                origin = 'en' if target == 'de' else 'de'
                x = lowered[origin][low] if len(pair) == 3 else sides[origin][i]
                y = sides[target][i]
                if 0 < len(x) <= max_tokens and 0 < len(y) <= max_tokens:
                    start = len(flat)
                    flat += [tag[target]] + x + [eos] + y + [eos]
                    spans.append((start, start + len(x) + 2, start + len(x) + 2, len(flat)))
            low += len(pair) == 3
        encoded[name] = (np.array(flat, np.int32), np.array(spans, np.int64).reshape(-1, 4))
    return encoded


class Mixture:
    """An endless stream of token-budget batches that draws each domain by its share of the examples.

    Shard k is a function of (seed, k) alone, so a resumed run goes on where it stopped.
    """

    def __init__(self, encoded, shares, budget, shard_examples=30000, seed=1):
        self.encoded, self.budget, self.seed = encoded, budget, seed
        self.counts, self.orders = {}, {}
        for domain, share in shares.items():
            names = [n for n in encoded if n.split('.')[0] == domain and len(encoded[n][1])]
            total = sum(len(encoded[n][1]) for n in names)
            for n in names:
                self.counts[n] = max(1, round(shard_examples * share / sum(shares.values())
                                              * len(encoded[n][1]) / total))

    def shard(self, k):
        """The batches of shard k: lists of (source ids, target ids), similar lengths together."""
        rng, examples = np.random.default_rng([self.seed, k]), []
        for name, count in self.counts.items():
            flat, spans = self.encoded[name]
            for j in range(k * count, (k + 1) * count):      # each pass over a source has its own order
                turn, at = divmod(j, len(spans))
                if turn != self.orders.get(name, (None,))[0]:
                    self.orders[name] = turn, np.random.default_rng([self.seed, turn, len(spans)]).permutation(len(spans))
                a, b, c, d = spans[self.orders[name][1][at]]
                examples.append((flat[a:b], flat[c:d]))
        noise = rng.random(len(examples))
        order = sorted(range(len(examples)), key=lambda i: (len(examples[i][1]), len(examples[i][0]) + noise[i]))
        batches, batch, longest = [], [], 0
        for i in order:
            length = max(len(examples[i][0]), len(examples[i][1]))
            if batch and max(longest, length) * (len(batch) + 1) > self.budget:
                batches.append(batch)
                batch, longest = [], 0
            batch.append(examples[i])
            longest = max(longest, length)
        batches.append(batch)
        rng.shuffle(batches)
        return batches

/* A kernel table that keeps time: each of its functions calls the model's own one, so that neither the program nor the
 * library has a timer in it. What a product is for is told by where its weights lie. One thread only. */
#include <stdlib.h>
#include <string.h>

#include "bench.h"

#if defined(__x86_64__)
#include <x86intrin.h>
static uint64_t ticks(void) { return __rdtsc(); } /* a few ns; clock_gettime() takes as long as a short kernel */
#else
static uint64_t ticks(void) { return (uint64_t)(1e9 * now()); }
#endif

/* The weights of a layer. */
struct place {
    const char *begin, *end;
    enum kind kind;
};

static struct {
    struct model *model;
    const struct kernels *real;
    struct kernels table;
    struct place *places;
    size_t count;
    enum kind last, before; /* kinds of the last product; of the last call */
    uint64_t end;           /* of the last call */
    uint64_t ticks[KINDS + 1], start_ticks;
    double products[KINDS], products_i8, start;
} t;

/* ---- what weights are for ------------------------------------------------------------------------------------ */

static int by_address(const void *a, const void *b)
{
    const struct place *p = a, *q = b;
    return (p->begin > q->begin) - (p->begin < q->begin);
}

static void place_add(const struct linear *linear, enum kind kind)
{
    const struct matrix *w = &linear->weight;
    const char *begin = w->data;
    const size_t rows = w->dtype == DTYPE_I8 ? round_up(w->rows, PACK_ROWS) : w->rows;
    t.places[t.count++] = (struct place){begin, begin + rows * w->stride * dtype_bytes(w->dtype), kind};
}

static void places_make(const struct model *m)
{
    t.places = room(6 * m->config.layers_encoder + 10 * m->config.layers_decoder + 1, sizeof *t.places);
    t.count = 0;
    for (size_t i = 0; i < m->config.layers_encoder; i++) {
        const struct encoder_layer *l = &m->encoder[i];
        const struct linear *const self[] = {&l->self.q, &l->self.k, &l->self.v, &l->self.o};
        for (size_t j = 0; j < 4; j++)
            place_add(self[j], ENCODER_PROJECTIONS);
        place_add(&l->ffn.in, ENCODER_FFN);
        place_add(&l->ffn.out, ENCODER_FFN);
    }
    for (size_t i = 0; i < m->config.layers_decoder; i++) {
        const struct decoder_layer *l = &m->decoder[i];
        const struct linear *const self[] = {&l->self.q, &l->self.k, &l->self.v, &l->self.o};
        for (size_t j = 0; j < 4; j++)
            place_add(self[j], SELF_PROJECTIONS);
        place_add(&l->cross.k, MEMORY_PROJECTIONS);
        place_add(&l->cross.v, MEMORY_PROJECTIONS);
        place_add(&l->cross.q, CROSS_PROJECTIONS);
        place_add(&l->cross.o, CROSS_PROJECTIONS);
        place_add(&l->ffn.in, DECODER_FFN);
        place_add(&l->ffn.out, DECODER_FFN);
    }
    place_add(&m->output, OUTPUT);
    qsort(t.places, t.count, sizeof *t.places, by_address);
}

static enum kind kind_of(const void *weights)
{
    size_t low = 0, high = t.count;
    while (high - low > 1) {
        const size_t half = (low + high) / 2;
        if (t.places[half].begin <= (const char *)weights)
            low = half;
        else
            high = half;
    }
    if (t.places[low].begin > (const char *)weights || t.places[low].end <= (const char *)weights)
        stop("a product with weights of no layer");
    return t.places[low].kind;
}

/* ---- the table ----------------------------------------------------------------------------------------------- */

/* What is done between two calls is known by the first: after keys and values are projected they are stored, after an
 * embedding is read its position is added. */
static enum kind between(enum kind before)
{
    switch (before) {
    case EMBEDDING: return EMBEDDING;
    case ENCODER_PROJECTIONS:
    case SELF_PROJECTIONS:
    case MEMORY_PROJECTIONS: return STORING;
    default: return KINDS;
    }
}

#define TIMED(KIND, CALL)                                   \
    do {                                                    \
        const uint64_t start = ticks();                     \
        t.ticks[between(t.before)] += start - t.end;        \
        t.before = KIND;                                    \
        CALL;                                               \
        t.end = ticks();                                    \
        t.ticks[t.before] += t.end - start;                 \
    } while (0)

static bool in_encoder(void) { return t.last <= ENCODER_NORMS; }

static void timed_gemm(const struct matrix *w, const float *bias, const float *x, size_t x_stride, size_t M, float *y,
                       size_t y_stride)
{
    t.last = kind_of(w->data);
    t.products[t.last] += (double)(M * w->rows * w->columns);
    TIMED(t.last, t.real->gemm(w, bias, x, x_stride, M, y, y_stride));
}

static void timed_gemm_i8(const struct matrix *w, const float *bias, float least, const void *q, const float *scale,
                          size_t M, float *y, size_t y_stride)
{
    t.last = kind_of(w->data);
    t.products[t.last] += (double)(M * w->rows * w->columns);
    t.products_i8 += (double)(M * w->rows * w->columns);
    TIMED(t.last, t.real->gemm_i8(w, bias, least, q, scale, M, y, y_stride));
}

static void timed_quantize(const float *x, size_t M, size_t K, void *q, float *scale)
{
    TIMED(QUANTIZING, t.real->quantize(x, M, K, q, scale));
}

/* The heads come after the projection of their queries. */
static void timed_softmax(float *x, size_t n, float scale) { TIMED(t.last + 1, t.real->softmax(x, n, scale)); }

static void timed_scores(const float *q, size_t q_stride, size_t T, const float *keys, size_t block, size_t S,
                         size_t width, float *y, size_t y_stride)
{
    TIMED(t.last + 1, t.real->scores(q, q_stride, T, keys, block, S, width, y, y_stride));
}

static void timed_mix(const float *p, size_t p_stride, size_t T, const float *v, size_t v_stride, size_t n, size_t width,
                      float *y, size_t y_stride)
{
    TIMED(t.last + 1, t.real->mix(p, p_stride, T, v, v_stride, n, width, y, y_stride));
}

static void timed_add_norm(const float *x, const float *residual, const float *gamma, const float *beta, size_t n,
                           float epsilon, float *y)
{
    TIMED(in_encoder() ? ENCODER_NORMS : DECODER_NORMS, t.real->add_norm(x, residual, gamma, beta, n, epsilon, y));
}

static void timed_widen(const struct matrix *w, size_t r, float factor, float *y)
{
    TIMED(EMBEDDING, t.real->widen(w, r, factor, y));
}

static void timed_relu(float *x, size_t n) { TIMED(t.last, t.real->relu(x, n)); }
static void timed_swish(float *x, size_t n) { TIMED(t.last, t.real->swish(x, n)); }

static size_t timed_argmax(const float *x, size_t n)
{
    size_t best;
    TIMED(SEARCH, best = t.real->argmax(x, n));
    return best;
}

void timing_begin(struct model *model)
{
    places_make(model);
    t.model = model;
    t.real = model->kernels;
    t.table = *t.real; /* a function that is not listed below goes untimed */
    t.table.gemm = timed_gemm;
    t.table.gemm_i8 = timed_gemm_i8;
    t.table.quantize = timed_quantize;
    t.table.softmax = timed_softmax;
    t.table.scores = timed_scores;
    t.table.mix = timed_mix;
    t.table.add_norm = timed_add_norm;
    t.table.widen = timed_widen;
    t.table.relu = timed_relu;
    t.table.swish = timed_swish;
    t.table.argmax = timed_argmax;
    memset(t.ticks, 0, sizeof t.ticks);
    memset(t.products, 0, sizeof t.products);
    t.products_i8 = 0;
    t.last = ENCODER_PROJECTIONS;
    t.before = KINDS;
    model->kernels = &t.table;
    t.start = now();
    t.end = t.start_ticks = ticks();
}

struct timing timing_end(void)
{
    struct timing timing = {.products_i8 = t.products_i8};
    const double a_tick = (now() - t.start) / (double)(ticks() - t.start_ticks);
    for (int k = 0; k < KINDS; k++) {
        timing.seconds[k] = a_tick * (double)t.ticks[k];
        timing.products[k] = t.products[k];
    }
    t.model->kernels = t.real;
    free(t.places);
    return timing;
}

/* What share of the core's peak each kernel reaches. Products take their weights from as much memory as all weights of
 * the model have, one matrix after another, so that they are found where the program finds them. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"

enum { ROUNDS_MOST = 15, SIZES = 3, M_MOST = 64 };
static const size_t sizes_m[SIZES] = {1, 8, M_MOST};
static const double SAMPLE_SECONDS = 5e-4;

struct shape {
    const char *name;
    size_t N, K;
};

/* Products of one table with the weights of one model. */
struct bench {
    const struct kernels *kernels;
    enum dtype dtype; /* of the weights: I8 or F32 */
    struct pool pool;
    float *x, *y, *row_scale, *scale; /* (M, K), (M, N), (N), (M) */
    int32_t *offset;                  /* (N) */
    void *q;                          /* x quantized */
    int rounds;
};

/* Of a product: multiplications a second, and the most of that and of bytes read, measured in turn with it. */
struct result {
    double speed, peak, bandwidth;
};

static size_t matrix_bytes(const struct bench *b, struct shape shape)
{
    return round_up(shape.N, PACK_ROWS) * shape.K * dtype_bytes(b->dtype);
}

static void product(struct bench *b, struct shape shape, size_t M)
{
    const struct matrix w = {pool_next(&b->pool, matrix_bytes(b, shape)), b->row_scale, b->offset, b->dtype, shape.N,
                             shape.K, shape.K};
    if (b->dtype == DTYPE_I8)
        b->kernels->gemm_i8(&w, NULL, -INFINITY, b->q, b->scale, M, b->y, shape.N);
    else
        b->kernels->gemm(&w, NULL, b->x, shape.K, M, b->y, shape.N);
}

static struct result measure(struct bench *b, struct shape shape, size_t M)
{
    const struct loop *loop = b->dtype == DTYPE_I8 ? peak_dot(b->kernels->name) : peak_fma(b->kernels->name);
    const double products = (double)(M * shape.N * shape.K);
    struct result result = {0};
    double speeds[ROUNDS_MOST];
    if (b->dtype == DTYPE_I8)
        b->kernels->quantize(b->x, M, shape.K, b->q, b->scale);
    double start = now();
    product(b, shape, M);
    const size_t calls = 1 + (size_t)(SAMPLE_SECONDS / greater(now() - start, 1e-7));
    for (int r = 0; r < b->rounds; r++) {
        result.peak = loop ? greater(result.peak, peak_sample(loop)) : NAN;
        result.bandwidth = greater(result.bandwidth, pool_read_sample(&b->pool));
        start = now();
        for (size_t i = 0; i < calls; i++)
            product(b, shape, M);
        speeds[r] = (double)calls * products / (now() - start);
    }
    result.speed = median(speeds, (size_t)b->rounds);
    return result;
}

/* The lowest share of the shapes of a model, for the targets. */
struct lowest {
    double bandwidth, peak; /* at M = 1; at M = 64 */
};

static void measure_shape(struct bench *b, const char *model, struct shape shape, struct lowest *lowest, cJSON *rows)
{
    const bool is_i8 = b->dtype == DTYPE_I8;
    printf("| %s | %s | %s (%zu,%zu) |", b->kernels->name, is_i8 ? "int8" : "float", shape.name, shape.N, shape.K);
    cJSON *row = add_row(rows);
    cJSON_AddStringToObject(row, "kernels", b->kernels->name);
    cJSON_AddStringToObject(row, "weights", is_i8 ? "int8" : "float");
    cJSON_AddStringToObject(row, "model", model);
    cJSON_AddStringToObject(row, "shape", shape.name);
    cJSON_AddNumberToObject(row, "n", (double)shape.N);
    cJSON_AddNumberToObject(row, "k", (double)shape.K);
    cJSON *sizes = cJSON_AddArrayToObject(row, "m");
    for (size_t i = 0; i < SIZES; i++) {
        const size_t M = sizes_m[i];
        const struct result r = measure(b, shape, M);
        const double share = r.speed / r.peak, bytes = r.speed / (double)M * (double)dtype_bytes(b->dtype);
        if (M == 1)
            printf(" %.1f | %.1f | %.0f%% |", 1e-9 * r.speed, 1e-9 * bytes, 100 * bytes / r.bandwidth);
        else if (isfinite(share))
            printf(" %.1f | %.0f%% |", 1e-9 * r.speed, 100 * share);
        else
            printf(" %.1f | - |", 1e-9 * r.speed);
        cJSON *size = add_row(sizes);
        cJSON_AddNumberToObject(size, "m", (double)M);
        add_number(size, "gmac_per_s", 1e-9 * r.speed);
        add_number(size, "share_of_peak", share);
        add_number(size, "weights_gb_per_s", 1e-9 * bytes);
        add_number(size, "share_of_bandwidth", bytes / r.bandwidth);
        if (M == 1)
            lowest->bandwidth = fmin(lowest->bandwidth, bytes / r.bandwidth);
        if (M == M_MOST)
            lowest->peak = fmin(lowest->peak, share);
    }
    printf("\n");
    fflush(stdout);
}

static size_t weights_count(const struct config *c)
{
    const size_t D = c->d_model;
    return c->vocab * D + c->layers_encoder * (4 * D * D + 2 * D * c->ffn_encoder) +
           c->layers_decoder * (8 * D * D + 2 * D * c->ffn_decoder);
}

/* All tables and shapes of a model, with weights of one type. */
static void measure_model(const struct settings *settings, const char *name, const struct config *c, enum dtype dtype,
                          struct lowest *chosen, cJSON *rows)
{
    const size_t D = c->d_model, F = c->ffn_encoder, V = c->vocab, widest = F > D ? F : D;
    const struct shape shapes[] = {{"D x D", D, D}, {"F x D", F, D}, {"D x F", D, F}, {"V x D", V, D}};
    const size_t weights = weights_count(c) * dtype_bytes(dtype), largest = (V + F + PACK_ROWS) * widest * 4;
    const size_t most = largest + 4 * cache_size(3); /* beyond that, all is memory anyway */
    struct bench b = {.dtype = dtype, .rounds = settings->quick ? 5 : ROUNDS_MOST,
                      .pool = pool_open(weights < most ? weights : most)};
    b.x = room(M_MOST * widest, sizeof(float));
    b.y = room(M_MOST * V, sizeof(float));
    b.scale = room(M_MOST, sizeof(float));
    b.row_scale = room(V, sizeof(float));
    b.offset = room(round_up(V, PACK_ROWS), sizeof(int32_t));
    b.q = room(M_MOST * widest, 4);
    for (size_t i = 0; i < M_MOST * widest; i++)
        b.x[i] = (float)(i * 7919 % 2001) / 1000 - 1;
    for (size_t i = 0; i < V; i++)
        b.row_scale[i] = 0.001f;
    if (dtype == DTYPE_F32)
        for (size_t i = 0; i < b.pool.size / sizeof(float); i++)
            ((float *)b.pool.bytes)[i] = (float)(i * 7919 % 2001) / 1000 - 1;
    for (size_t t = 0; (b.kernels = kernels_available(t)); t++) {
        struct lowest lowest = {INFINITY, INFINITY};
        if (b.kernels == &kernels_scalar && kernels_available(1)) /* the specification; it would take minutes */
            continue;
        for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++)
            measure_shape(&b, name, shapes[s], &lowest, rows);
        if (b.kernels == kernels_choose(NULL))
            *chosen = lowest;
    }
    pool_close(&b.pool);
    free(b.x), free(b.y), free(b.scale), free(b.row_scale), free(b.offset), free(b.q);
}

/* ---- the kernels between the products ------------------------------------------------------------------------ */

struct small {
    const struct kernels *kernels;
    size_t D, d_k, V;
    float *a, *b, *c; /* (V and more) */
};
enum { KEYS = 64 };
static void small_quantize(const struct small *s) { s->kernels->quantize(s->a, 1, s->D, s->c, s->b); }
static void small_norm(const struct small *s) { s->kernels->add_norm(s->a, s->b, s->a, s->b, s->D, 1e-5f, s->c); }
static void small_softmax(const struct small *s) { s->kernels->softmax(s->c, KEYS, 0.1f); }
static void small_argmax(const struct small *s) { s->kernels->argmax(s->a, s->V); }
static void small_scores(const struct small *s)
{
    s->kernels->scores(s->a, s->D, KEYS, s->b, KEY_LANES * s->D, KEYS, s->d_k, s->c, KEYS);
}
static void small_mix(const struct small *s)
{
    s->kernels->mix(s->a, KEYS, KEYS, s->b, s->D, KEYS, s->d_k, s->c, s->D);
}

static void small_run(const struct settings *settings, const struct config *c, cJSON *json)
{
    struct small s = {.kernels = kernels_choose(NULL), .D = c->d_model, .d_k = c->d_model / c->heads_encoder, .V = c->vocab};
    const size_t floats = s.V + 2 * KEYS * s.D;
    s.a = room(floats, sizeof(float)), s.b = room(floats, sizeof(float)), s.c = room(floats, sizeof(float));
    for (size_t i = 0; i < floats; i++)
        s.a[i] = s.b[i] = (float)(i * 7919 % 2001) / 1000 - 1;
    const struct {
        const char *name;
        void (*run)(const struct small *s);
        size_t elements, products;
    } rows[] = {
        {"quantize a row of D", small_quantize, s.D, 0},
        {"residual and norm of a row of D", small_norm, s.D, 0},
        {"softmax over 64 keys", small_softmax, KEYS, 0},
        {"argmax over V", small_argmax, s.V, 0},
        {"scores of a head, 64 queries, 64 keys", small_scores, KEYS * KEYS, KEYS * KEYS * s.d_k},
        {"mix of a head, 64 queries, 64 keys", small_mix, KEYS * s.d_k, KEYS * KEYS * s.d_k},
    };
    const struct loop *loop = peak_fma(s.kernels->name);
    cJSON *list = cJSON_AddArrayToObject(json, "other_kernels");
    printf("\nThe kernels between the products (%s, D = %zu, V = %zu), median.\n\n"
           "| kernel | ns | outputs a ns | of the float peak |\n|---|---:|---:|---:|\n", s.kernels->name, s.D, s.V);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        double took[ROUNDS_MOST], peak = 0;
        const int rounds = settings->quick ? 5 : ROUNDS_MOST;
        for (int r = 0; r < rounds; r++) {
            enum { CALLS = 500 };
            peak = loop ? greater(peak, peak_sample(loop)) : NAN;
            const double start = now();
            for (int j = 0; j < CALLS; j++)
                rows[i].run(&s);
            took[r] = (now() - start) / CALLS;
        }
        const double seconds = median(took, (size_t)rounds), share = (double)rows[i].products / seconds / peak;
        printf("| %s | %.0f | %.2f | ", rows[i].name, 1e9 * seconds, 1e-9 * (double)rows[i].elements / seconds);
        printf(rows[i].products && isfinite(share) ? "%.0f%% |\n" : "- |\n", 100 * share);
        cJSON *row = add_row(list);
        cJSON_AddStringToObject(row, "kernel", rows[i].name);
        add_number(row, "ns", 1e9 * seconds);
        add_number(row, "share_of_float_peak", rows[i].products ? share : NAN);
    }
    free(s.a), free(s.b), free(s.c);
}

/* ---- all ----------------------------------------------------------------------------------------------------- */

void kernels_run(const struct settings *settings, const struct config *config, cJSON *json)
{
    static const struct config base = {.d_model = 512, .layers_encoder = 6, .layers_decoder = 6, .ffn_encoder = 2048,
                                       .ffn_decoder = 2048, .vocab = 32000};
    const struct {
        const char *name;
        const struct config *config;
    } models[] = {{"the model", config}, {"d 512, ffn 2048, vocabulary 32000", &base}};
    cJSON *rows = cJSON_AddArrayToObject(json, "products");
    const size_t count = config->d_model == base.d_model ? 1 : 2; /* the second may be the first */
    for (size_t i = 0; i < count; i++) {
        const size_t bytes = weights_count(models[i].config);
        struct lowest lowest = {NAN, NAN}, ignored;
        char what[160];
        printf("\n## Products: %s\n\nM rows of input by weights (N,K), which are taken in turn from %.1f MB of them: those "
               "of the whole model\n(int8: in %s). Median; %% of peak: the table's own loop above, %% of bandwidth: "
               "reading the same memory.\n\n"
               "| kernels | weights | (N,K) | M=1 G/s | GB/s | of bandwidth | M=8 G/s | of peak | M=64 G/s | of peak |\n"
               "|---|---|---|---:|---:|---:|---:|---:|---:|---:|\n", models[i].name, 1e-6 * (double)bytes,
               level_name(bytes));
        measure_model(settings, models[i].name, models[i].config, DTYPE_I8, &lowest, rows);
        measure_model(settings, models[i].name, models[i].config, DTYPE_F32, &ignored, rows);
        snprintf(what, sizeof what, "int8 products at M=64, the lowest share of the dot-product peak (%s)", models[i].name);
        target_add(json, what, lowest.peak, true, 0.70);
        snprintf(what, sizeof what, "int8 products at M=1, the lowest share of the bandwidth of %s (%s)",
                 level_name(bytes), models[i].name);
        target_add(json, what, lowest.bandwidth, true, 0.70);
    }
    small_run(settings, config, json);
}

/* The benchmark: options, the order of its parts, the JSON file. */
#include <getopt.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

static const char usage[] =
    "usage: build/scripts/bench/bench [OPTION...], from the repository's root\n"
    "  --model FILE                the model (default: models/en-de.safetensors)\n"
    "  --random tiny|base          a model of random weights instead: d 256, ffn 1536, 6+2 layers, vocabulary 8k;\n"
    "                              or d 512, ffn 2048, 6+6 layers, vocabulary 32k\n"
    "  --program FILE              the program (default: ./dragoman)\n"
    "  --baseline PROGRAM[:MODEL]  another build of dragoman to compare with\n"
    "  --lines N                   of the text (default: 2000; random tiny 1000, base 200)\n"
    "  --json FILE                 where the figures go (default: build/bench.json)\n"
    "  --quick                     fewer lines and runs\n";

static void split_baseline(struct settings *s, char *value)
{
    char *colon = strrchr(value, ':');
    s->baseline = value;
    if (colon && access(value, X_OK) != 0) {
        *colon = 0;
        s->baseline_model = colon + 1;
    }
}

static struct settings settings_read(int count, char **arguments)
{
    static const struct option options[] = {
        {"model", required_argument, NULL, 'm'},    {"random", required_argument, NULL, 'r'},
        {"program", required_argument, NULL, 'p'},  {"baseline", required_argument, NULL, 'b'},
        {"lines", required_argument, NULL, 'l'},    {"json", required_argument, NULL, 'j'},
        {"quick", no_argument, NULL, 'q'},          {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    struct settings s = {.program = "./dragoman", .model = "models/en-de.safetensors", .json = "build/bench.json",
                         .cores = omp_get_num_procs()};
    int letter;
    while ((letter = getopt_long(count, arguments, "", options, NULL)) >= 0)
        switch (letter) {
        case 'm': s.model = optarg; break;
        case 'r': s.random = optarg; break;
        case 'p': s.program = optarg; break;
        case 'b': split_baseline(&s, optarg); break;
        case 'l': s.lines = strtoul(optarg, NULL, 10); break;
        case 'j': s.json = optarg; break;
        case 'q': s.quick = true; break;
        case 'h': fputs(usage, stdout); exit(0);
        default: fputs(usage, stderr); exit(2);
        }
    if (optind < count || (s.random && strcmp(s.random, "tiny") && strcmp(s.random, "base"))) {
        fputs(usage, stderr);
        exit(2);
    }
    const bool is_base = s.random && strcmp(s.random, "base") == 0;
    if (!s.lines)
        s.lines = (s.random ? is_base ? 200 : 1000 : 2000) / (s.quick ? 5 : 1);
    return s;
}

/* The model and lines of --random, written by a process of its own: this one has to stay small, see program_run(). */
static struct text random_open(struct settings *s, cJSON *json)
{
    static char model_path[64], text_path[64];
    snprintf(model_path, sizeof model_path, "build/random-%s.safetensors", s->random);
    snprintf(text_path, sizeof text_path, "build/random-%s.txt", s->random);
    const pid_t pid = fork();
    if (pid == 0) {
        random_model_write(s->random, model_path, text_path, s->lines);
        _exit(0);
    }
    int status;
    if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0)
        stop("%s: can't be made", model_path);
    s->model = model_path;
    s->target = "de";
    return text_read(text_path, json);
}

static void machine_print(const struct settings *s, cJSON *json)
{
    char line[256] = "", *name = "an unknown processor";
    double load = 0;
    FILE *f = fopen("/proc/cpuinfo", "r");
    while (f && fgets(line, sizeof line, f))
        if (strncmp(line, "model name", 10) == 0 && strchr(line, ':')) {
            line[strcspn(line, "\n")] = 0;
            name = strchr(line, ':') + 2;
            break;
        }
    if (f)
        fclose(f);
    const struct kernels *kernels = kernels_choose(NULL);
    if (!kernels)
        stop("DRAGOMAN_CPU names no kernels that this processor has");
    printf("# dragoman " DRAGOMAN_VERSION ", model %s\n\n%s, %d core%s, %s kernels.\n", s->model, name, s->cores,
           s->cores == 1 ? "" : "s", kernels->name);
    if (getloadavg(&load, 1) == 1 && load > 0.5)
        printf("The load is %.1f: other programs are running, so speeds are lower than they could be.\n", load);
    cJSON_AddStringToObject(json, "version", DRAGOMAN_VERSION);
    cJSON_AddStringToObject(json, "model", s->model);
    cJSON_AddStringToObject(json, "processor", name);
    cJSON_AddStringToObject(json, "kernels", kernels->name);
    add_number(json, "cores", s->cores);
    add_number(json, "load", load);
}

static void json_write(const char *path, const cJSON *json)
{
    char *text = cJSON_Print(json);
    FILE *f = fopen(path, "w");
    if (!f || fprintf(f, "%s\n", text) < 0 || fclose(f) != 0)
        stop("%s: can't be written", path);
    free(text);
    printf("\nThe figures are in %s.\n", path);
}

int main(int count, char **arguments)
{
    struct settings settings = settings_read(count, arguments);
    cJSON *json = cJSON_CreateObject();
    char touch[4096], sentence[64] = "Good morning!";
    dragoman_error error;
    const char *slash = strrchr(arguments[0], '/');
    snprintf(touch, sizeof touch, "%.*stouch", slash ? (int)(slash + 1 - arguments[0]) : 0, arguments[0]);
    settings.touch = touch;
    setvbuf(stdout, NULL, _IOLBF, 0);

    machine_print(&settings, json);
    struct text text = settings.random ? random_open(&settings, json) : text_sentences(settings.lines, json);
    if (settings.random)
        snprintf(sentence, sizeof sentence, "%.20s", text.lines[0].bytes); /* three words */
    struct program *program = program_run(&settings, &text);
    dragoman_model *model = dragoman_model_open(settings.model, &error);
    if (!model)
        stop("%s", error.message);
    program_report(program, &settings, model, &text, json);
    start_run(&settings, sentence, json);
    peaks_run(json);
    memory_run(&settings, json);
    kernels_run(&settings, &model->model.config, json);
    layers_run(&settings, model, &text, program, json);
    targets_print(json);
    json_write(settings.json, json);

    program_free(program);
    text_free(&text);
    dragoman_model_close(model);
    cJSON_Delete(json);
    return 0;
}

#include "cores.h"

#include <sched.h>
#include <stdio.h>
#include <unistd.h>

/* The first of the hardware threads that share a core with this one, by the kernel's sysfs (Documentation/ABI/stable/
 * sysfs-devices-system-cpu); the thread itself if it does not say. */
static int first_sibling(int cpu)
{
    char path[80];
    int first = cpu;
    snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu%d/topology/thread_siblings_list", cpu);
    FILE *f = fopen(path, "re");
    if (f) {
        if (fscanf(f, "%d", &first) != 1 || first < 0 || first >= CPU_SETSIZE)
            first = cpu;
        fclose(f);
    }
    return first;
}

int cores_count(void)
{
    cpu_set_t allowed, cores;
    if (sched_getaffinity(0, sizeof allowed, &allowed) < 0) { /* more processors than the set holds */
        long online = sysconf(_SC_NPROCESSORS_ONLN);
        return online > 0 && online < 1 << 16 ? (int)online : 1;
    }
    CPU_ZERO(&cores);
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
        if (CPU_ISSET(cpu, &allowed))
            CPU_SET(first_sibling(cpu), &cores);
    return CPU_COUNT(&cores) ? CPU_COUNT(&cores) : 1;
}

#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""burst_in_window.py ORDERS: on a display with an empty home (with-display.sh), opens the window on the order pipeline and sends ORDERS through it.

Prints one JSON object: whether a number was wrong, how long the main loop kept a question waiting, memory before and after.
Run by tools/bench, which sets where the programs are.
"""
import json
import os
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "ui"))
import burst  # noqa: E402


def resident(pid):
    with open(f"/proc/{pid}/status") as status:
        return round(next(int(line.split()[1]) for line in status if line.startswith("VmRSS")) / 1024, 1)


def processor_seconds(pid):
    with open(f"/proc/{pid}/stat") as stat:
        user, system = stat.read().rsplit(")", 1)[1].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def measure(orders):
    pipeline = burst.Pipeline()
    window = ping = None
    try:
        window = burst.open_deployment()
        time.sleep(2)
        pid, cloud = window.process.pid, pipeline.process.pid
        before, cloud_before, used = resident(pid), resident(cloud), processor_seconds(pid)
        ping = subprocess.Popen([os.environ["MILLRACE_PING"], str(pid)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        started = time.perf_counter()
        pipeline.send(orders)
        sent = time.perf_counter() - started
        pipeline.wait("mail", orders, 60 + orders / 20)
        mailed = time.perf_counter() - started
        questions, median, slow, slowest = map(float, ping.communicate(timeout=60)[0].split())
        pipeline.settle()
        wrong = burst.wait_for_counts(window, pipeline.kinds)
        right = time.perf_counter() - started
        used = processor_seconds(pid) - used
        time.sleep(2)
        return {"orders": orders, "sent_s": round(sent, 1), "mailed_s": round(mailed, 1), "counts_right_s": round(right, 1), "miscounted": wrong,
                "main_loop_questions": int(questions), "main_loop_p50_ms": median, "main_loop_p99_ms": slow, "main_loop_longest_ms": slowest,
                "window_cpu_s": round(used, 1), "window_rss_before_mib": before, "window_rss_after_mib": resident(pid),
                "practice_rss_before_mib": cloud_before, "practice_rss_after_mib": resident(cloud)}
    finally:
        if ping is not None and ping.poll() is None:
            ping.kill()
            ping.wait()
        if window is not None:
            window.kill()
        pipeline.end()


print(json.dumps(measure(int(sys.argv[1]))))

// What a status means.

import { ENDED_TASK_STATUSES, HELD_RESERVATION_STATUSES, WAITING_TASK_STATUSES } from "./constants.js";

/** @typedef {string | null | undefined} Status */

/** Whether nobody works yet on a task with this status.
 * @param {Status} status */
export const isWaiting = (status) => WAITING_TASK_STATUSES.includes(status ?? "");

/** Whether a task with this status is over.
 * @param {Status} status */
export const isEnded = (status) => ENDED_TASK_STATUSES.includes(status ?? "");

/** Whether a reservation with this status binds its worker.
 * @param {Status} status */
export const isHeld = (status) => HELD_RESERVATION_STATUSES.includes(status ?? "");

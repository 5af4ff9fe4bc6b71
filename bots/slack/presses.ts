/**
 * Pressed buttons and sent forms -> presses. A button that has a form opens it; what was pressed travels in the form's
 * metadata. Knows Slack's interactions; nothing about what a button does.
 */
import type { App, BlockAction, ButtonAction } from '@slack/bolt';
import { decodeAction } from '../action.ts';
import { languageOf, say } from '../phrases/phrases.ts';
import { newId } from '../state/state.ts';
import { type Calls, call } from './calls.ts';
import { type EventParts, request } from './events.ts';
import { slackError } from './failure.ts';
import { FORM, modalOf } from './payload.ts';
import { type PressSpot, pressSurfaces, privateSurface } from './surface.ts';

/** What a form keeps of the press that opened it. */
interface FormMetadata extends Omit<PressSpot, 'user' | 'team'> {
  action: string;
}

export function listenToPresses(app: App, parts: EventParts): void {
  const { calls, conversation, locales } = parts;

  app.action<BlockAction<ButtonAction>>(/^fn:/, async ({ action: button, body, ack }) => {
    await ack();
    const action = decodeAction(button.action_id);
    if (action === undefined) return calls.log('action-unknown', { platform: 'slack' });
    const spot = spotOf(body);
    const form = conversation.form(action, await locales(spot.user));
    if (form === undefined)
      return conversation.press(
        { ...(await request(parts, body.trigger_id, spot)), action, hidden: spot.ephemeral },
        pressSurfaces(calls, spot),
      );
    const { user, team: _, ...place } = spot;
    const metadata: FormMetadata = { ...place, action: button.action_id };
    try {
      const view = modalOf(form, JSON.stringify(metadata));
      await call(calls, () => calls.client.views.open({ trigger_id: body.trigger_id, view }));
    } catch (thrown) {
      await tellFailure(calls, spot, await locales(user), thrown);
    }
  });

  app.view({ callback_id: FORM.callback, type: 'view_submission' }, async ({ view, body, ack }) => {
    await ack();
    const { action: id, ...place } = JSON.parse(view.private_metadata) as FormMetadata;
    const action = decodeAction(id);
    if (action === undefined) return;
    const spot: PressSpot = { ...place, user: body.user.id, team: body.team?.id };
    const text = view.state.values[FORM.block]?.[FORM.field]?.value ?? '';
    const asked = { ...(await request(parts, view.id, spot)), action, hidden: spot.ephemeral };
    const sent = { ...asked, ...(text !== '' && { text }) };
    await conversation.press(sent, pressSurfaces(calls, spot));
  });
}

function spotOf(body: BlockAction): PressSpot {
  const container = body.container as { message_ts?: string; is_ephemeral?: boolean; thread_ts?: string };
  const thread = body.message?.thread_ts ?? container.thread_ts;
  return {
    channel: body.channel?.id,
    thread: typeof thread === 'string' ? thread : undefined,
    message: body.message?.ts ?? container.message_ts,
    ephemeral: container.is_ephemeral === true,
    user: body.user.id,
    team: body.team?.id,
    url: body.response_url || undefined,
  };
}

/** A form that does not open is the only failure that the conversation cannot see. */
async function tellFailure(calls: Calls, spot: PressSpot, locale: string, thrown: unknown): Promise<void> {
  const reference = newId();
  const language = languageOf(locale);
  calls.log('form-not-opened', { answer: reference, code: String(slackError(thrown).details.slack ?? '') });
  const sentence = say(language, 'noticeFailed', { reference });
  await privateSurface(calls, spot)
    .show({ kind: 'notice', sentence, language, buttons: [] })
    .catch((error) =>
      calls.log('view-failed', { answer: reference, view: 'notice', code: slackError(error).code }),
    );
}

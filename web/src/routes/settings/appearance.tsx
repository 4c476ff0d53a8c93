// How the dashboard looks and which keys it hears, on this device.

import { Choice, Switch } from '../../components/field.tsx';
import { KeyList } from '../../components/key-list.tsx';
import { density, languageChoice, singleKeys, theme } from '../../state/preferences.ts';
import { LANGUAGES, t } from '../../text/text.ts';
import { Install } from './install.tsx';

export function Appearance() {
  return (
    <section class="narrow" aria-label={t('settings.appearance')}>
      <div class="card">
        <h2>{t('settings.look')}</h2>
        <Choice
          label={t('settings.theme')}
          value={theme.value}
          options={[['system', t('theme.system')], ['light', t('theme.light')], ['dark', t('theme.dark')]]}
          onChoose={(value) => { theme.value = value; }}
          testid="theme"
        />
        <Choice label={t('settings.language')} value={languageChoice.value} options={LANGUAGES} onChoose={(value) => { languageChoice.value = value; }} testid="language" />
        <Choice
          label={t('settings.density')}
          value={density.value}
          options={[['comfortable', t('density.comfortable')], ['compact', t('density.compact')]]}
          hint={t('settings.density_hint')}
          onChoose={(value) => { density.value = value; }}
        />
        <p class="hint">{t('settings.device')}</p>
      </div>
      <Install />
      <div class="card">
        <h2>{t('help.keys')}</h2>
        <Switch label={t('settings.keys')} hint={t('settings.keys_hint')} on={singleKeys.value === 'on'} onChange={(on) => { singleKeys.value = on ? 'on' : 'off'; }} />
        <KeyList />
      </div>
    </section>
  );
}

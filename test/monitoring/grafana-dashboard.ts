import type { Dashboard, Panel, RowPanel } from '@grafana/grafana-foundation-sdk/dashboard';
import type { Dataquery } from '@grafana/grafana-foundation-sdk/prometheus';
import type { Options as StatOptions } from '@grafana/grafana-foundation-sdk/stat';
import type { FieldConfig as TableFieldConfig, Options as TableOptions } from '@grafana/grafana-foundation-sdk/table';
import type { FieldConfig as TimeSeriesFieldConfig, Options as TimeSeriesOptions } from '@grafana/grafana-foundation-sdk/timeseries';

/** The literals in place of Grafana's enums, which no JSON can be of; without the methods that its builders add. */
type Plain<T> = T extends string ? `${T}`
  : T extends readonly (infer Element)[] ? Plain<Element>[]
    : T extends object ? { [Key in keyof T as Key extends `_${string}` ? never : Key]: Plain<T[Key]> }
      : T;

type PanelOf<Type extends string, Options, Custom> = Omit<Panel, 'type' | 'options' | 'targets' | 'fieldConfig'> & {
  type: Type;
  options: Options;
  targets: Dataquery[];
  fieldConfig: Omit<NonNullable<Panel['fieldConfig']>, 'defaults'> & { defaults: Omit<NonNullable<Panel['fieldConfig']>['defaults'], 'custom'> & { custom?: Custom } };
};

/** A dashboard of the kinds of panels that ours is made of, by Grafana's own types: what is not in them does not compile. */
export type DashboardFile = Plain<
  Omit<Dashboard, 'panels'> & {
    panels: (RowPanel | PanelOf<'stat', StatOptions, never> | PanelOf<'table', TableOptions, TableFieldConfig> | PanelOf<'timeseries', TimeSeriesOptions, TimeSeriesFieldConfig>)[];
  }
>;
